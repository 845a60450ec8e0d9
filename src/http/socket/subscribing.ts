import { createGate } from '../../app/gate.ts';
import { limits } from '../../app/limits/limits.ts';
import type { Reads, Turn } from '../../app/limits/reads.ts';
import type { OperationDeps } from '../../app/operations/operation.ts';
import { placeOf } from '../../app/operations/streams.ts';
import { Refused } from '../../app/refusals.ts';
import type { Caller } from '../../app/sessions/sessions.ts';
import {
  type Aggregate,
  circleAggregate,
  streamAggregate,
  userAggregate,
} from '../../events/aggregate.ts';
import type { CircleId } from '../../events/ids.ts';
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

/** What a subscription is of. */
type Target =
  | { readonly kind: 'me'; readonly aggregate: Aggregate }
  | { readonly kind: 'circle'; readonly aggregate: Aggregate; readonly circle: CircleId }
  | { readonly kind: 'stream'; readonly aggregate: Aggregate; readonly circle: CircleId };

const targetOf = (s: string, user: Caller['user']): Target => {
  if (s === 'me') return { kind: 'me', aggregate: userAggregate(user) };
  if (!s.includes('/')) {
    const circle = s as CircleId;
    return { kind: 'circle', aggregate: circleAggregate(circle), circle };
  }
  const { circle, stream } = placeOf(s);
  return { kind: 'stream', aggregate: streamAggregate(circle, stream), circle };
};

type Asking = {
  readonly frame: SubFrame;
  readonly caller: Caller;
  readonly target: Target;
  readonly turn: Turn;
};

/** What is found out before a subscription begins. */
type Opening = {
  readonly id: string;
  readonly why: string | undefined;
  readonly reset: StateSnapshot | undefined;
};

/**
 * The answer, the state, and the place among the others: in one step, so that nothing comes between, and no frame
 * of an earlier subscription of the same name follows.
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
    subscription.cursor = n;
  }
  topic.follow(subscription);
};

/** First load, resume, repair and health check in one (W5-W7). */
export const createSubscribing = (deps: SubscribingDeps) => {
  const { hub, actors, barrier, epoch } = deps;
  const gate = createGate(actors);

  const beginningOf = (topic: Feed, asking: Asking): Promise<StateSnapshot> => {
    const { frame, caller, target, turn } = asking;
    const { s, last = limits.pageDefault } = frame;
    const { user } = caller;
    if (target.kind === 'me') return meSnapshot(deps, topic, user);
    if (target.kind === 'circle') {
      return circleSnapshot(deps, topic, { circle: target.circle, user });
    }
    return streamSnapshot(deps, topic, { s, last, user, turn });
  };

  /** Why a subscription begins with the state, not with the events that were missed; undefined if with these. */
  const resetReason = async ({ after, epoch: known }: SubFrame, topic: Feed) => {
    if (after === undefined) return 'new';
    if (known !== epoch) return 'epoch';
    // A client may have been further on another node: the log knows, this node perhaps not yet.
    if (after > topic.head) await hub.catchUp(topic.aggregate);
    if (after > topic.head) return 'epoch';
    return topic.head - after > limits.missedEventsMax ? 'too-far' : undefined;
  };

  const open = async (subscription: Subscription, asking: Asking): Promise<Opening> => {
    const { frame, caller } = asking;
    const { topic } = subscription;
    await gate(caller, frame.s);
    const why = await resetReason(frame, topic);
    // What was missed is read from the log alone, also while the read models are away (W7).
    if (why !== undefined) await barrier.waitForSession(caller.seen);
    const reset = why === undefined ? undefined : await beginningOf(topic, asking);
    if (subscription.end) {
      await gate(caller, frame.s);
      throw new Refused('forbidden');
    }
    return { id: frame.id, why, reset };
  };

  return async (
    connection: Connection,
    caller: Caller,
    { frame, turn }: { frame: SubFrame; turn: Turn },
  ): Promise<void> => {
    const { s, after = 0 } = frame;
    // A user's reads come one after the other, so that this holds until the subscription begins.
    const full = connection.subscriptions.size >= limits.subscriptionsMax;
    if (full && !connection.subscriptions.has(s)) throw new Refused('too-many', { field: 's' });
    const target = targetOf(s, caller.user);
    const { manages } = await gate(caller, s);
    if (connection.isOver) return;
    const subscription = await hub.watch(target.aggregate, (topic) => ({
      topic,
      subscriber: connection,
      s,
      audience: manages ? 'managers' : 'members',
      state: 'opening',
      cursor: after,
      announce: true,
      end: undefined,
    }));
    try {
      const opening = await open(subscription, { frame, caller, target, turn });
      // A connection that is over has let go of its subscriptions: one more would never end.
      if (connection.isOver) throw new Refused('unavailable');
      begin(connection, subscription, opening);
    } catch (error) {
      subscription.topic.drop(subscription);
      throw error;
    }
  };
};
