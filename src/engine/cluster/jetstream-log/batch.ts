import { nuid, RequestError } from '@nats-io/transport-node';
import { isAtLeast } from '../server-version.ts';
import { type Entry, headersOf, type Sent } from './entry.ts';
import type { Link } from './link.ts';
import { conflictCode, publishReplyOf } from './publish-reply.ts';

export type Sending = { readonly link: Link; readonly answerMsMax: number };

/** The result of a batch: one for all of it, or that the server treated it as single messages. */
export type BatchOutcome =
  | { readonly kind: 'stored'; readonly lastSeq: number }
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'lost'; readonly cause: unknown }
  | { readonly kind: 'ignored'; readonly lastSeq: number };

/** From this version on, batches may carry the ids of their messages. */
const atomicSince = '2.12.1';

/** Whether the connected server supports atomic batches. Older ones silently ignore their headers. */
export const isAtomicAble = ({ nc }: Link): boolean =>
  isAtLeast(nc.info?.version ?? '', atomicSince);

/**
 * Sends the entries, at least two, as one atomic batch (ADR-50): all are stored together with one sync, or none. The
 * client's own batches drop the expectations and hide the server's error, hence the headers are set here.
 */
export const sendBatch = async (
  { link, answerMsMax }: Sending,
  entries: readonly Entry[],
): Promise<BatchOutcome> => {
  const { nc } = link;
  const id = nuid.next();
  try {
    for (const [index, entry] of entries.entries()) {
      const headers = headersOf(entry);
      headers.set('Nats-Batch-Id', id);
      headers.set('Nats-Batch-Sequence', String(index + 1));
      if (index < entries.length - 1) {
        nc.publish(entry.subject, entry.bytes, { headers });
        continue;
      }
      headers.set('Nats-Batch-Commit', '1');
      const request = nc.request(entry.subject, entry.bytes, { headers, timeout: answerMsMax });
      const reply = publishReplyOf((await link.untilLost(request)).data);
      if (reply.kind === 'refused') return { kind: 'refused', code: reply.code };
      const isWhole = reply.batch === id && reply.count === entries.length;
      return { kind: isWhole ? 'stored' : 'ignored', lastSeq: reply.seq };
    }
    throw new RangeError('a batch of nothing');
  } catch (cause) {
    return isUnheard(cause) ? { kind: 'refused', code: 0 } : { kind: 'lost', cause };
  }
};

/** Sends the entries one by one, without waiting in between: each succeeds or fails by itself. */
export const sendSingles = (
  { link, answerMsMax }: Sending,
  entries: readonly Entry[],
): Promise<Sent[]> => {
  const send = async (entry: Entry): Promise<Sent> => {
    try {
      const headers = headersOf(entry);
      const request = link.nc.request(entry.subject, entry.bytes, {
        headers,
        timeout: answerMsMax,
      });
      const reply = publishReplyOf((await link.untilLost(request)).data);
      if (reply.kind === 'refused') return reply;
      // The server has a commit of this id, so it stored none now. One that was sent twice is detected later.
      if (reply.duplicate) return duplicateRefusal;
      return { kind: 'stored', seq: reply.seq };
    } catch (cause) {
      return isUnheard(cause) ? unheardRefusal : { kind: 'lost', cause };
    }
  };
  return Promise.all(entries.map(send));
};

const duplicateRefusal: Sent = { kind: 'refused', code: conflictCode, text: 'stored before' };

/** No server accepted the message: its stream has no leader, or was deleted. */
const isUnheard = (error: unknown): boolean =>
  error instanceof RequestError && error.isNoResponders();

const unheardRefusal: Sent = { kind: 'refused', code: 0, text: 'no stream takes it' };
