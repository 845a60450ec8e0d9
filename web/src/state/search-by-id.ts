import type { History, Message } from '../../../src/client/objects.ts';

type ReadPage = (limit: number, around: number) => Promise<History>;

/** When an id was made, in ms since 1970: the first 48 bits of a version 7 UUID (RFC 9562). */
const madeAt = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** A step that would gain less than this is left to the last page. */
const nearEnough = 40;

/**
 * Finds a message by its id alone: messages are in the order in which they were posted, and an id tells when it
 * was made, so halving the stream leads near it. Undefined if it is not there, as when its clock was wrong.
 */
export const messageNear = async (
  id: string,
  newest: number,
  page: ReadPage,
): Promise<Message | undefined> => {
  const at = madeAt(id);
  let low = 1;
  let high = newest;
  while (high - low > nearEnough) {
    const middle = Math.floor((low + high) / 2);
    const { messages } = await page(1, middle);
    const [found] = messages;
    if (!found) return undefined;
    if (found.id === id) return found;
    if (found.at < at) low = middle;
    else high = middle;
  }
  const { messages } = await page(200, Math.floor((low + high) / 2));
  return messages.find((message) => message.id === id);
};
