import { createInbox, type Msg } from '@nats-io/transport-node';
import { clearTimeout, setTimeout } from '../../../runtime/timers.ts';
import { isAtLeast } from '../server-version.ts';
import type { Link } from './link.ts';
import type { Stored } from './stored.ts';

/** The messages on one subject, from a position on. */
export type DirectQuery = {
  readonly stream: string;
  readonly subject: string;
  readonly from: number;
};

/** From this version on, one request may return many messages. */
const batchSince = '2.11.0';
const windowMessages = 500;
const windowBytesMax = 4 * 1024 * 1024;
const stallMsMax = 5_000;

/** Whether the connected server answers `directWindow`. */
export const isDirectAble = ({ nc }: Link): boolean =>
  isAtLeast(nc.info?.version ?? '', batchSince);

/**
 * The next messages on a subject, some hundreds at most, without a consumer (ADR-31). Any replica may answer, so the
 * newest may be missing. Empty if there are none, or after a failure: the caller then asks the leader.
 */
export const directWindow = (link: Link, query: DirectQuery): Promise<readonly Stored[]> =>
  new Promise((resolve) => {
    const messages: Stored[] = [];
    const end = (): void => {
      clearTimeout(stall);
      subscription.unsubscribe();
      forget();
      resolve(messages);
    };
    const stall = setTimeout(end, stallMsMax);
    const forget = link.onTurn(end);
    const subscription = link.nc.subscribe(createInbox(), {
      callback: (error, message) => {
        const stored = error ? undefined : storedOf(message);
        if (stored) messages.push(stored);
        else end();
      },
    });
    const body = {
      seq: query.from,
      next_by_subj: query.subject,
      batch: windowMessages,
      max_bytes: windowBytesMax,
    };
    link.nc.publish(`$JS.API.DIRECT.GET.${query.stream}`, JSON.stringify(body), {
      reply: subscription.getSubject(),
    });
  });

/**
 * The message at a position, from any replica; undefined if it does not have it, or after a failure: the caller then
 * asks the leader.
 */
export const directMessage = async (
  link: Link,
  { stream, seq }: { readonly stream: string; readonly seq: number },
): Promise<Stored | undefined> => {
  try {
    const request = link.nc.request(`$JS.API.DIRECT.GET.${stream}`, JSON.stringify({ seq }), {
      timeout: stallMsMax,
    });
    return storedOf(await link.untilLost(request));
  } catch {
    return undefined;
  }
};

/** A message, or undefined for the status that ends the answer. */
const storedOf = ({ headers, data }: Msg): Stored | undefined => {
  const seq = Number(headers?.get('Nats-Sequence'));
  const subject = headers?.get('Nats-Subject');
  return seq > 0 && subject ? { seq, subject, data } : undefined;
};
