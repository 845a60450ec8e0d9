import { createGate, guardedBy } from '../../app/gate.ts';
import { limits } from '../../app/limits/limits.ts';
import type { Turn } from '../../app/limits/reads.ts';
import { keyedQueue } from '../../app/operations/keyed-queue.ts';
import type { Caller } from '../../app/sessions/sessions.ts';
import { type MessagePage, pageOf } from '../../app/views/messages.ts';
import { answerPage } from '../../hub/page.ts';
import { isListening } from '../../hub/subscription.ts';
import type { Connection } from './connection.ts';
import type { GetFrame, SubFrame, UnsubFrame } from './frames.ts';
import { createSubscribing, type SubscribingDeps } from './subscribing.ts';

const unsubscribe = (connection: Connection, { id, s }: UnsubFrame): void => {
  const subscription = connection.subscriptions.get(s);
  subscription?.topic.drop(subscription);
  connection.subscriptions.delete(s);
  connection.ok(id);
};

/**
 * Handles `sub`, `unsub` and `get`. Requests for one event stream are handled in order; a user has one running read
 * over all connections.
 */
export const createReading = (deps: SubscribingDeps) => {
  const { actors, models, barrier, reads } = deps;
  const gate = createGate(actors);
  const guarded = guardedBy(gate);
  const subscribe = createSubscribing(deps);
  const inOrder = keyedQueue();

  const get = async (
    connection: Connection,
    caller: Caller,
    { frame, turn }: { frame: GetFrame; turn: Turn },
  ): Promise<void> => {
    if (connection.isOver) return;
    const { id, s, t: _, limit = limits.pageDefault, ...bounds } = frame;
    const request = { s, user: caller.user, range: { ...bounds, limit }, turn };
    const subscription = connection.subscriptions.get(s);
    if (!subscription || !isListening(subscription)) {
      const read = () => pageOf({ models, turn }, request, request.range);
      return connection.ok(id, await guarded(caller, s, read));
    }
    await gate(caller, s);
    let isAnswered = false;
    const answer = (page: MessagePage): void => {
      isAnswered = isListening(subscription);
      if (isAnswered) connection.ok(id, page);
    };
    await answerPage(deps, subscription, { request, answer });
    // The subscription has ended, perhaps with the user's access: start again at the gate.
    if (!isAnswered) await get(connection, caller, { frame, turn });
  };

  const read = async (
    connection: Connection,
    caller: Caller,
    frame: SubFrame | GetFrame,
  ): Promise<void> => {
    // Waiting for the read models costs nothing, so it comes before the user's turn.
    const needsModels = frame.t === 'get' || frame.after === undefined;
    if (needsModels) await barrier.waitForSession(caller.seen);
    return reads.run(caller.user, (turn) =>
      frame.t === 'get'
        ? get(connection, caller, { frame, turn })
        : subscribe(connection, caller, { frame, turn }),
    );
  };

  return (
    connection: Connection,
    caller: Caller,
    frame: SubFrame | UnsubFrame | GetFrame,
  ): Promise<void> =>
    inOrder(`${connection.id}/${frame.s}`, async () =>
      frame.t === 'unsub' ? unsubscribe(connection, frame) : read(connection, caller, frame),
    );
};
