import { isolate } from '../../text/direction.ts';
import { canAsk, readInput } from '../terminal/asking.ts';
import { findStream } from './places.ts';
import { type Format, report } from './printing.ts';
import { visit } from './visit.ts';

export type WriteOptions = Format & { readonly lines?: boolean };

/** `oshi chat write`: posts a message, from standard input if no text is given. */
export const write = (word: string, words: readonly string[], options: WriteOptions) =>
  visit(async ({ http, connected }) => {
    const { circle, stream } = await findStream(http, word);
    const texts = await textsOf(words, options);
    if (texts.length === 0) throw new Error('nothing to post; give a text or pipe one in');
    await connected(async (client) => {
      for (const text of texts) {
        const posted = await client.post(stream.s, text);
        const where = `${isolate(circle.name)}/${isolate(stream.name)}`;
        await report(options, `message ${posted.m} in ${where}`, { ...posted, s: stream.s });
      }
    });
  });

const textsOf = async (words: readonly string[], { lines }: WriteOptions): Promise<string[]> => {
  if (words.length === 0 && canAsk()) {
    process.stderr.write('Type the message, then Ctrl-D on an empty line.\n');
  }
  const text = words.length > 0 ? words.join(' ') : await readInput();
  const texts = lines ? text.split(/\r?\n/) : [text.replace(/\r?\n$/, '')];
  return texts.filter((each) => each.trim() !== '');
};
