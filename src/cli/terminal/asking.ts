import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

/** Whether there is a terminal to prompt on. */
export const canAsk = (): boolean => process.stdin.isTTY === true;

export const readInput = (): Promise<string> => text(process.stdin);

/** Prompts for a line; with `isSecret` it is not echoed. Rejects on Ctrl-C or Ctrl-D. */
export const ask = (question: string, isSecret = false): Promise<string> =>
  new Promise((resolve, reject) => {
    // While readline edits a line it does the echoing, so that nothing is shown if it writes to a null stream.
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const output = isSecret ? nowhere : process.stderr;
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    if (isSecret) process.stderr.write(question);
    lines.on('close', () => {
      if (isSecret) process.stderr.write('\n');
      // Has no effect after an answer.
      reject(new Error('no input; nothing was changed'));
    });
    lines.question(isSecret ? '' : question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
