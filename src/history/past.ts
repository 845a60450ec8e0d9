import { clockBackMs } from '../events/clock-steps.ts';
import { eventKey } from '../events/event-key.ts';
import type { EventLog } from '../events/log.ts';
import { formatStreamPath } from '../events/stream-path.ts';
import { interpolate, type Sample } from '../projections/models/interpolation.ts';
import type { MessageRow, Range } from '../projections/models/messages.ts';
import type { TrailItem, TrailQueries } from '../projections/models/trail-queries.ts';
import type { CirclePasts } from './circle-past.ts';
import { partitionOfCircle } from './entries.ts';
import type { Moment } from './moment.ts';
import type { PastCircle } from './past-circle.ts';

type Step = Pick<TrailItem, 'n' | 'at' | 'seq' | 'index'>;

export type PastDeps = {
  readonly log: Pick<EventLog, 'info' | 'head' | 'at'>;
  readonly pasts: CirclePasts;
  readonly trail: Pick<TrailQueries, 'lastAt' | 'lastUpTo'>;
  readonly messages: { page(s: string, range: Range): Promise<MessageRow[]> };
};

/** There was no such object at that moment; the message says when it was created. */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

/** A circle at a moment, and the last place included. */
export type CircleMoment = { readonly circle: PastCircle; readonly place: number };

/** A stream at a moment: its last event then (0: none), the time of that event, and its circle. */
export type StreamMoment = CircleMoment & { readonly n: number; readonly at: number };

/** After all places. */
const end = Number.MAX_SAFE_INTEGER;

const timeText = (atMs: number): string => new Date(atMs).toISOString();

const began = async (pasts: CirclePasts, circle: string): Promise<never> => {
  const first = await pasts.at(circle, 1);
  throw new NotThere(
    first.exists
      ? `The circle was created at ${timeText(first.at)} by event 1; request that moment or a later one.`
      : 'There is no such circle.',
  );
};

/** The place of the last event of a circle at or before a time; 0: none. */
const placeAt = async ({ log, trail }: PastDeps, circle: string, at: number): Promise<number> => {
  const backMs = await clockBackMs(log, partitionOfCircle(circle, log.info));
  return trail.lastAt(circle, { at, backMs });
};

/** A circle at a moment; a moment in the future is now. Throws `NotThere`. */
export const circleAt = async (
  deps: PastDeps,
  circle: string,
  moment: Moment,
): Promise<CircleMoment> => {
  const { pasts } = deps;
  if ('n' in moment) {
    if (moment.n < 1) return began(pasts, circle);
    const then = await pasts.at(circle, moment.n);
    if (!then.exists) return began(pasts, circle);
    return { circle: then, place: then.n < moment.n ? end : then.place };
  }
  return atPlace(deps, circle, await placeAt(deps, circle, moment.atMs));
};

const atPlace = async (
  { pasts, trail }: Pick<PastDeps, 'pasts' | 'trail'>,
  circle: string,
  place: number,
): Promise<CircleMoment> => {
  const last = await trail.lastUpTo(circle, {}, place);
  const then = last && (await pasts.at(circle, last.n));
  return then?.exists ? { circle: then, place } : began(pasts, circle);
};

/** The place of a stream's event before its last one, by search: the numbers of its events grow with their places. */
const placeOfEvent = async (
  { trail }: PastDeps,
  { circle, stream }: StreamOf,
  { n, last }: { n: number; last: Step },
): Promise<number> => {
  let low: Sample = { at: 0, value: 0 };
  let found = last;
  for (let turn = 0; found.seq - low.at > 1; turn++) {
    const seq = interpolate({ low, high: { at: found.seq, value: found.n } }, n, turn);
    const step = await trail.lastUpTo(circle, { stream }, eventKey(seq + 1, 0) - 1);
    if (step && step.n >= n) found = step;
    else low = { at: seq, value: step?.n ?? 0 };
  }
  return eventKey(found.seq, found.index - (found.n - n));
};

type StreamOf = { readonly circle: string; readonly stream: string };

const placeIn = async (deps: PastDeps, of: StreamOf, moment: Moment): Promise<number> => {
  const { circle, stream } = of;
  if ('atMs' in moment) return placeAt(deps, circle, moment.atMs);
  const { n } = moment;
  if (n < 1) throw new NotThere('The first event of a stream is 1.');
  const last = await deps.trail.lastUpTo(circle, { stream }, end);
  if (!last || n > last.n) return end;
  return n === last.n ? eventKey(last.seq, last.index) : placeOfEvent(deps, of, { n, last });
};

/** A stream at a moment, where a number is that of one of its own events. Throws `NotThere`. */
export const streamAt = async (
  deps: PastDeps,
  of: StreamOf,
  moment: Moment,
): Promise<StreamMoment> => {
  const { circle, stream } = of;
  const place = await placeIn(deps, of, moment);
  const then = await atPlace(deps, circle, place);
  const there = then.circle.streams.get(stream);
  if (!there) {
    const now = (await deps.pasts.at(circle)).streams.get(stream);
    throw new NotThere(
      now && now.createdN > then.circle.n
        ? `The stream was created at ${timeText(now.createdAt)}; request that moment or a later one.`
        : 'There was no such stream in this circle at that time.',
    );
  }
  const last = await deps.trail.lastUpTo(circle, { stream }, place);
  return { ...then, n: last?.n ?? 0, at: last?.at ?? there.createdAt };
};

/**
 * The number of the newest message after event `n` of a stream; 0: none. The number of a message's event grows at least
 * as fast as that of the message, which narrows the search.
 */
export const lastMessageAt = async (
  { messages }: Pick<PastDeps, 'messages'>,
  s: string,
  n: number,
): Promise<number> => {
  const newest = async (m: number) => (await messages.page(s, { before: m + 1, limit: 1 }))[0];
  const highest = n > 0 ? await newest(n) : undefined;
  if (!highest || highest.n <= n) return highest?.m ?? 0;
  const lowest = Math.max(0, highest.m - (highest.n - n));
  let low: Sample = { at: lowest, value: lowest };
  let high: Sample = { at: highest.m, value: highest.n };
  for (let turn = 0; high.at - low.at > 1; turn++) {
    const m = interpolate({ low, high }, n, turn);
    const row = await newest(m);
    if (!row || row.n <= n) low = { at: m, value: row?.n ?? low.value };
    else high = { at: m, value: row.n };
  }
  return low.at;
};

const streamsAtOnce = 50;

/** The numbers of the newest messages of streams at a place, in the same order. */
export const lastMessages = async (
  deps: PastDeps,
  { circle, place }: { readonly circle: string; readonly place: number },
  streams: readonly string[],
): Promise<number[]> => {
  const lasts: number[] = [];
  for (let from = 0; from < streams.length; from += streamsAtOnce) {
    const batch = streams.slice(from, from + streamsAtOnce).map(async (stream) => {
      const last = await deps.trail.lastUpTo(circle, { stream }, place);
      return last ? lastMessageAt(deps, formatStreamPath(circle, stream), last.n) : 0;
    });
    lasts.push(...(await Promise.all(batch)));
  }
  return lasts;
};
