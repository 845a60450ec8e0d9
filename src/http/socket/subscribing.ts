import { createGate } from '../../app/gate.ts';
import { limits } from '../../app/limits/limits.ts';
import type { Reads, Turn } from '../../app/limits/reads.ts';
import type { OperationDeps } from '../../app/operations/operation.ts';
import { Refused } from '../../app/refusals.ts';
import type { Caller } from '../../app/sessions/sessions.ts';
import {
  type Aggregate,
  circleAggregate,
  streamAggregate,
  userAggregate,
} from '../../events/aggregate.ts';
import type { CircleId } from '../../events/ids.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import {
  circleSnapshot,
  meSnapshot,
  type SnapshotDeps,
  type StateSnapshot,
  streamSnapshot,
} from '../../hub/snapshot.ts';
import type { Feed, Subscription } from '../../hub/subscription.ts';
import type { Connection } from './connection.ts';
import type { SubFrame } from './frames.ts';

export type SubscribingDeps = OperationDeps &
  SnapshotDeps & { readonly reads: Reads; readonly epoch: string };

const isCircle = (s: string): s is CircleId => !s.includes('/');

/** The event stream of a subscription. */
const aggregateOf = (s: string, user: Caller['user']): Aggregate => {
  if (s === 'me') return userAggregate(user);
  if (isCircle(s)) return circleAggregate(s);
  const { circle, stream } = parseStreamPath(s);
  return streamAggregate(circle, stream);
};

type SubRequest = { readonly frame: SubFrame; readonly caller: Caller; readonly turn: Turn };

/** The result of opening a subscription. */
type Opening = {
  readonly id: string;
  readonly after: number;
  readonly why: string | undefined;
  readonly reset: StateSnapshot | undefined;
};

/**
 * Sends the answer and the state and registers the subscription, synchronously: no frame comes in between, and none of an
 * earlier subscription to the same event stream follows.
 */
const begin = (connection: Connection, subscription: Subscription, opening: Opening): void => {
  const { s, topic } = subscription;
  const earlier = connection.subscriptions.get(s);
  earlier?.topic.drop(earlier);
  connection.subscriptions.set(s, subscription);
  connection.ok(opening.id);
  if (opening.reset) {
    const { n, state } = opening.reset;
    connection.outlet.send({ t: 'reset', s, n, why: opening.why, ...state });
  }
  topic.follow(subscription, opening.reset?.n ?? opening.after);
};

/** Handles `sub`: first load, resume, repair and health check in one (W5-W7). */
export const createSubscribing = (deps: SubscribingDeps) => {
  const { hub, actors, barrier, epoch } = deps;
  const gate = createGate(actors);

  const snapshotOf = (topic: Feed, request: SubRequest): Promise<StateSnapshot> => {
    const { frame, caller, turn } = request;
    const { s, last = limits.pageDefault } = frame;
    const { user } = caller;
    if (s === 'me') return meSnapshot(deps, topic, user);
    if (isCircle(s)) return circleSnapshot(deps, topic, { circle: s, user });
    return streamSnapshot(deps, topic, { s, last, user, turn });
  };

  /** Why a subscription starts with a `reset`; undefined if it starts with the missed events. */
  const resetReason = async ({ after, epoch: known }: SubFrame, topic: Feed) => {
    if (after === undefined) return 'new';
    if (known !== epoch) return 'epoch';
    // The client may have received more from another node than this node has received from the log.
    if (after > topic.head) await hub.catchUp(topic.aggregate);
    if (after > topic.head) return 'epoch';
    return topic.head - after > limits.missedEventsMax ? 'too-far' : undefined;
  };

  const open = async (subscription: Subscription, request: SubRequest): Promise<Opening> => {
    const { frame, caller } = request;
    const { topic } = subscription;
    await gate(caller, frame.s);
    const why = await resetReason(frame, topic);
    // Missed events are read from the log alone, also while the read models are unavailable (W7).
    if (why !== undefined) await barrier.waitForSession(caller.seen);
    const reset = why === undefined ? undefined : await snapshotOf(topic, request);
    const { state } = subscription;
    if (state.name === 'opening' && state.end) {
      await gate(caller, frame.s);
      throw new Refused('forbidden');
    }
    const { id, after = 0 } = frame;
    return { id, after, why, reset };
  };

  return async (
    connection: Connection,
    caller: Caller,
    { frame, turn }: { frame: SubFrame; turn: Turn },
  ): Promise<void> => {
    const { s } = frame;
    // A user's reads run one at a time, so this still holds when the subscription starts.
    const full = connection.subscriptions.size >= limits.subscriptionsMax;
    if (full && !connection.subscriptions.has(s)) throw new Refused('too-many', { field: 's' });
    const { manages } = await gate(caller, s);
    if (connection.isOver) return;
    const subscription = await hub.watch(aggregateOf(s, caller.user), (topic) => ({
      topic,
      subscriber: connection,
      user: caller.user,
      s,
      audience: manages ? 'managers' : 'members',
      state: { name: 'opening', end: undefined },
    }));
    try {
      const opening = await open(subscription, { frame, caller, turn });
      // A closed connection has dropped its subscriptions: one more would never end.
      if (connection.isOver) throw new Refused('unavailable');
      begin(connection, subscription, opening);
    } catch (error) {
      subscription.topic.drop(subscription);
      throw error;
    }
  };
};
