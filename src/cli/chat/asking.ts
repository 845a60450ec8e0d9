import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Whether a person can be asked. */
export const canAsk = (): boolean => process.stdin.isTTY === true;

/** All that standard input holds, as text. */
export const readInput = (): Promise<string> => text(process.stdin);

/** What a person types after a question; with `isSecret` the terminal does not show it. Rejects after Ctrl-C or Ctrl-D. */
export const ask = (question: string, isSecret = false): Promise<string> =>
  new Promise((resolve, reject) => {
    // While readline edits the line it is what echoes, so that nothing is shown if it writes nowhere.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const output = isSecret ? nowhere : process.stderr;
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    if (isSecret) process.stderr.write(question);
    lines.on('close', () => {
      if (isSecret) process.stderr.write('\n');
      // Without effect after an answer.
      reject(new Error('nothing was typed; nothing was done'));
    });
    lines.question(isSecret ? '' : question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
