import { circleAggregate, partitionOf } from '../events/aggregate.ts';
import { isKnown } from '../events/codec.ts';
import type { LoggedEvent } from '../events/commit.ts';
import type { CircleId } from '../events/ids.ts';
import { circleKinds } from '../events/kinds/circle.ts';
import type { EventLog } from '../events/log.ts';
import { formatPosition } from '../events/position.ts';
import { type MessageRow, messageIdOf } from '../projections/models/messages.ts';
import type { TrailItem } from '../projections/models/trail-queries.ts';
import type { ReadModels } from '../projections/read-models.ts';
import type { CirclePasts } from './circle-past.ts';
import type { ConnectionFacts, Connections } from './connections.ts';
import { type Before, type Change, changeOf, needsCircle, needsMessage } from './entry-change.ts';

/** An entry of the audit trail: an event of a circle, who caused it, and what it changed. */
export type Entry = {
  /** The position, `<partition>:<seq>`, and the number of the event in its circle or stream. */
  readonly position: string;
  readonly n: number;
  readonly k: string;
  /** Whether it is an event of the circle itself or of one of its streams. */
  readonly of: 'circle' | 'stream';
  readonly circle: string;
  readonly stream?: string;
  /** The affected member. */
  readonly user?: string;
  readonly message?: string;
  readonly at: number;
  readonly by: string;
  /** The session and the connection of the command, as far as known. */
  readonly session?: string;
  readonly connection?: string;
} & Change &
  Partial<Pick<ConnectionFacts, 'address' | 'userAgent'>>;

export type EntriesDeps = {
  readonly log: Pick<EventLog, 'info' | 'head' | 'at'>;
  readonly models: Pick<ReadModels, 'messages' | 'edits'>;
  readonly pasts: CirclePasts;
  readonly connections: Connections;
  /** Whether addresses and user agents are included: only for operators. */
  readonly addresses?: boolean;
};

type Found = { readonly item: TrailItem; readonly event: LoggedEvent | undefined };

export const partitionOfCircle = (circle: string, { partitions }: EventLog['info']): number =>
  partitionOf(circleAggregate(circle as CircleId), partitions);

/** Looks up the events of a circle's rows in the log; missing ones are undefined. */
const eventsOf = async (
  { log }: EntriesDeps,
  circle: string,
  items: readonly TrailItem[],
): Promise<Found[]> => {
  const seqs = [...new Set(items.map(({ seq }) => seq))];
  const commits = await log.at(partitionOfCircle(circle, log.info), seqs);
  const bySeq = new Map(commits.map(({ seq, commit }) => [seq, commit]));
  return items.map((item) => {
    const event = bySeq.get(item.seq)?.events[item.index];
    return { item, event: event && isKnown(event) ? event : undefined };
  });
};

const messageOf = ({ item, event }: Found): string | undefined => {
  if (item.message !== undefined) return item.message;
  return event?.k === 'message-posted' ? event.d.id : undefined;
};

/** The original texts of messages whose rows do not contain them any more, by the keys of the rows. */
const postedTexts = async (
  { log }: EntriesDeps,
  rows: readonly MessageRow[],
): Promise<Map<string, string>> => {
  const [first] = rows;
  if (!first) return new Map();
  const partition = partitionOfCircle(first.s.slice(0, 36), log.info);
  const commits = await log.at(partition, [...new Set(rows.map(({ seq }) => seq))]);
  const bySeq = new Map(commits.map(({ seq, commit }) => [seq, commit]));
  return new Map(
    rows.flatMap(({ _id, seq, n }) => {
      const commit = bySeq.get(seq);
      const event = commit?.events[n - commit.n];
      return event?.k === 'message-posted' ? [[_id, event.d.text] as const] : [];
    }),
  );
};

/** Messages of one circle before they were changed, by the place of the change. */
const messagesBefore = async (
  deps: EntriesDeps,
  items: readonly TrailItem[],
): Promise<Map<number, Before>> => {
  const { messages, edits } = deps.models;
  const changed = items.flatMap(({ circle, k, stream, message: id = '', n, place }) =>
    needsMessage(k) ? [{ s: `${circle}/${stream}`, id, n, place }] : [],
  );
  const rows = new Map((await messages.getAll(changed)).map((row) => [row._id, row]));
  const known = changed.flatMap((change) => {
    const row = rows.get(messageIdOf(change.s, change.id));
    return row ? [{ ...change, row }] : [];
  });
  const earlier = await Promise.all(known.map(({ s, id, n }) => edits.before(s, id, n)));
  const missing = known.filter(({ row }, at) => !earlier[at] && row.text === undefined);
  const posted = await postedTexts(
    deps,
    missing.map(({ row }) => row),
  );
  return new Map(
    known.map(({ place, row }, at) => {
      const text = earlier[at]?.text ?? row.text ?? posted.get(row._id);
      return [place, { message: { author: row.by, ...(text !== undefined && { text }) } }];
    }),
  );
};

/** The circle before it was changed, by the place of the change. */
const circlesBefore = async (
  { pasts }: EntriesDeps,
  items: readonly TrailItem[],
): Promise<Map<number, Before>> => {
  const befores = new Map<number, Before>();
  for (const { circle, k, n, place } of items) {
    if (needsCircle(k)) befores.set(place, { circle: await pasts.at(circle, n - 1) });
  }
  return befores;
};

/** Sessions and addresses that the events do not contain, by place. */
const connectionsOf = async (
  { connections, addresses = false }: EntriesDeps,
  found: readonly Found[],
): Promise<Map<number, ConnectionFacts>> => {
  const uses = found.flatMap(({ item: { by, at, place }, event }) => {
    const isAsked = event?.conn !== undefined && (addresses || event.ses === undefined);
    return isAsked ? [{ user: by, conn: event.conn ?? '', at, place }] : [];
  });
  const facts = uses.length > 0 ? await connections.of(uses) : [];
  return new Map(
    uses.flatMap(({ place }, index) => {
      const known = facts[index];
      return known ? [[place, known] as const] : [];
    }),
  );
};

/**
 * The entries of a circle's rows in the trail, in the same order. They do not contain members' own data. Of an event
 * that the log does not contain any more only the row is shown.
 */
export const entriesOf = async (
  deps: EntriesDeps,
  circle: string,
  items: readonly TrailItem[],
): Promise<Entry[]> => {
  const found = await eventsOf(deps, circle, items);
  const befores = new Map([
    ...(await messagesBefore(deps, items)),
    ...(await circlesBefore(deps, items)),
  ]);
  const facts = await connectionsOf(deps, found);
  const partition = partitionOfCircle(circle, deps.log.info);
  return found.map((one) => {
    const { item, event } = one;
    const { k, n, at, by, seq, place, stream, user } = item;
    const message = messageOf(one);
    const { address, userAgent, session: opened } = facts.get(place) ?? {};
    const session = event?.ses ?? opened;
    return {
      position: formatPosition({ partition, seq }),
      n,
      k,
      of: Object.hasOwn(circleKinds, k) ? 'circle' : 'stream',
      circle,
      ...(stream !== undefined && { stream }),
      ...(user !== undefined && { user }),
      ...(message !== undefined && { message }),
      at,
      by,
      ...(session !== undefined && { session }),
      ...(event?.conn !== undefined && { connection: event.conn }),
      ...(deps.addresses && address !== undefined && { address }),
      ...(deps.addresses && userAgent !== undefined && { userAgent }),
      ...(event && changeOf(event, befores.get(place) ?? {})),
    };
  });
};
