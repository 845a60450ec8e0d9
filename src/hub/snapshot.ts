import type { Turn } from '../app/limits/reads.ts';
import type { ReadBarrier } from '../app/read-barrier.ts';
import { Refused } from '../app/refusals.ts';
import { circlesOf, insideView } from '../app/views/circles.ts';
import { fitting, fittingPeople, ownReactions, rowsOf, viewsFor } from '../app/views/messages.ts';
import { readBy, readingOf } from '../app/views/reading.ts';
import { partitionOf } from '../events/aggregate.ts';
import { type CircleRow, circles } from '../projections/models/circles.ts';
import { type MessageRow, messages } from '../projections/models/messages.ts';
import { type ReactionRow, reactions } from '../projections/models/reactions.ts';
import { type StreamRow, streams, streamView } from '../projections/models/streams.ts';
import { type UserRow, users, userView } from '../projections/models/users.ts';
import type { ReadModels } from '../projections/read-models.ts';
import { type EventRange, rowsUpToDate } from '../projections/replay.ts';
import type { Document } from '../store/documents.ts';
import type { Hub } from './hub.ts';
import type { Feed } from './subscription.ts';

export type SnapshotDeps = {
  readonly hub: Hub;
  readonly models: ReadModels;
  readonly barrier: ReadBarrier;
  readonly partitions: number;
};

/** The state of an event stream at exactly `n`, as sent in a `reset`; the events after `n` follow. */
export type StateSnapshot = { readonly n: number; readonly state: object };

/** Rows, and the events of the topic that they may not contain yet. */
export type Reading<Rows> = { readonly rows: Rows; readonly since: EventRange; readonly n: number };

const triesMax = 10;

/**
 * Reads rows so that the topic's ring holds every event that they may not contain yet, and they contain none that the
 * topic has not received. Then takes the events and the number of the last in one step.
 */
export const readBehind = async <Rows>(
  { hub, barrier, partitions }: SnapshotDeps,
  topic: Feed,
  read: () => Promise<Rows>,
): Promise<Reading<Rows>> => {
  const { aggregate, ring } = topic;
  const partition = partitionOf(aggregate, partitions);
  for (let tries = 0; tries < triesMax; tries++) {
    const floor = ring.floorSeq;
    await barrier.waitUntilApplied({ partition, seq: floor });
    // What is applied by now is in the rows, so the ring may remove it while they are read.
    const inRows = barrier.applied(partition);
    const rows = await read();
    await hub.whenReceived(partition, barrier.applied(partition));
    if (ring.floorSeq > Math.max(floor, inRows)) continue;
    const events = ring.after(ring.first - 1);
    return { rows, since: { aggregate, partition, events }, n: ring.head };
  }
  throw new Refused('unavailable', { retryAfter: 500 });
};

const rowOf = <Row>(rows: readonly Document[]): Row => {
  const [row] = rows;
  if (!row) throw new Refused('not-found');
  return row as Row;
};

/** A stream with its newest messages, the users in them, and the user's read marker. */
export const streamSnapshot = async (
  deps: SnapshotDeps,
  topic: Feed,
  { s, last, user, turn }: { s: string; last: number; user: string; turn: Turn },
): Promise<StateSnapshot> => {
  const { models } = deps;
  const source = { models, turn };
  const readPage = async () => {
    const page = await rowsOf(source, s, { limit: last });
    return { page, reacted: await ownReactions(models, page, user) };
  };
  const read = () => Promise.all([models.streams.get(s), readPage(), readingOf(models, user, s)]);
  const { rows, since, n } = await readBehind(deps, topic, read);
  const [stream, { page, reacted }, reading] = rows;
  const row = rowOf<StreamRow>(rowsUpToDate(streams, stream ? [stream] : [], since));
  const current = last === 0 ? [] : (rowsUpToDate(messages, page, since) as MessageRow[]);
  const newest = current.sort((a, b) => a.m - b.m).slice(-last);
  const own = rowsUpToDate(reactions, reacted, since) as ReactionRow[];
  const views = fitting(viewsFor(user, newest, own), 'last');
  const people = await fittingPeople(source, s, views);
  const more = views.length < newest.length ? { more: { before: true, after: false } } : {};
  return {
    n,
    state: {
      stream: streamView(row),
      messages: views,
      ...more,
      users: people,
      read: Math.min(readBy(user, reading, since.events), row.last),
    },
  };
};

/** A circle with its streams. */
export const circleSnapshot = async (
  deps: SnapshotDeps,
  topic: Feed,
  { circle, user }: { circle: string; user: string },
): Promise<StateSnapshot> => {
  const { models } = deps;
  const read = () => Promise.all([models.circles.get(circle), models.streams.ofCircle(circle)]);
  const { rows, since, n } = await readBehind(deps, topic, read);
  const [before, streamsBefore] = rows;
  const row = rowOf<CircleRow>(rowsUpToDate(circles, before ? [before] : [], since));
  const current = rowsUpToDate(streams, streamsBefore, since) as StreamRow[];
  const views = current
    .filter(({ deleted }) => !deleted)
    .sort((a, b) => a.order - b.order)
    .map(streamView);
  return { n, state: { circle: await insideView(models, row, { streams: views, user }) } };
};

/**
 * A user with their circles. Those are in other partitions than the user's events, but `circle-joined` is recorded only
 * once the read models have applied the membership. So what is read after `n` is known contains the effect of every event
 * up to `n`, or something newer, which later events repeat.
 */
export const meSnapshot = async (
  deps: SnapshotDeps,
  topic: Feed,
  user: string,
): Promise<StateSnapshot> => {
  const { models } = deps;
  const read = () => models.users.row(user);
  const { rows: before, since, n } = await readBehind(deps, topic, read);
  const row = rowOf<UserRow>(rowsUpToDate(users, before ? [before] : [], since));
  return { n, state: { me: { user: userView(row), ...(await circlesOf(models, user)) } } };
};
