/** The metadata of a consumer's message, from its reply subject (ADR-15). */
export type Delivery = {
  /** Its sequence number in the stream. */
  readonly seq: number;
  /** Its number among the messages of the consumer, from 1. */
  readonly count: number;
  /** How many more the consumer has to deliver. */
  readonly pending: number;
};

/**
 * Parses `$JS.ACK.<stream>.<consumer>.<tries>.<seq>.<count>.<time>.<pending>`, or the longer form with a domain and
 * an account before the stream; undefined for other subjects.
 */
export const deliveryOf = (reply: string): Delivery | undefined => {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined;
  const first = tokens.length === 9 ? 5 : 7;
  const [seq, count, , pending] = tokens.slice(first).map(Number);
  if (seq === undefined || count === undefined || pending === undefined) return undefined;
  return { seq, count, pending };
};
