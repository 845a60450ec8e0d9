import { answerPage } from '../hub/page.ts';
import { isListening } from '../hub/subscription.ts';
import { limits } from '../limits.ts';
import type { Live } from '../live/live.ts';
import { isSignal } from '../live/signal.ts';
import type { Executor } from '../operations/executor.ts';
import { Refused } from '../refusals.ts';
import type { Caller, Sessions } from '../sessions.ts';
import { type MessagePage, pageOf } from '../views/messages.ts';
import type { Connection, Responder } from './connection.ts';
import type { CmdFrame, GetFrame, UnsubFrame } from './frames.ts';
import { createGate, guardedBy } from './gate.ts';
import type { Greeter } from './greeter.ts';
import { createSubscribing, type SubscribingDeps } from './subscribing.ts';

export type ResponderDeps = SubscribingDeps & {
  readonly executor: Executor;
  readonly greeter: Greeter;
  readonly live: Pick<Live, 'signal'>;
  readonly sessions: Sessions;
};

const unsubscribe = (connection: Connection, { id, s }: UnsubFrame): void => {
  const subscription = connection.subscriptions.get(s);
  subscription?.topic.drop(subscription);
  connection.subscriptions.delete(s);
  connection.ok(id);
};

/** Answers the requests of connections. */
export const createResponder = (deps: ResponderDeps): Responder => {
  const { actors, models, reader, executor, greeter, live, sessions } = deps;
  const gate = createGate(actors);
  const guarded = guardedBy(gate);
  const subscribe = createSubscribing(deps);

  const command = async (
    connection: Connection,
    frame: CmdFrame,
    { caller, next }: { caller: Caller; next: () => void },
  ): Promise<void> => {
    const { id, op, d, key } = frame;
    const keyed = key === undefined ? {} : { key };
    const request = { caller, op, input: d, ...keyed, conn: connection.id, handed: next };
    const { body } = await executor.admit(request)();
    connection.ok(id, body);
  };

  const get = async (connection: Connection, caller: Caller, frame: GetFrame): Promise<void> => {
    const { id, s, t: _, limit = limits.pageDefault, ...bounds } = frame;
    const asked = { s, user: caller.user, range: { ...bounds, limit } };
    const followed = connection.subscriptions.get(s);
    if (!followed || !isListening(followed)) {
      const read = async () => {
        await reader.ready(caller.seen);
        return pageOf(models, asked, asked.range);
      };
      return connection.ok(id, await guarded(caller, s, read));
    }
    await gate(caller, s);
    await reader.ready(caller.seen);
    let isAnswered = false;
    const answer = (page: MessagePage): void => {
      isAnswered = isListening(followed);
      if (isAnswered) connection.ok(id, page);
    };
    await answerPage(deps, followed, { asked, answer });
    // They do not follow it any more, perhaps because they may not: it begins again at the gate.
    if (!isAnswered) await get(connection, caller, frame);
  };

  return {
    greet: (connection, frame) => greeter.greet(connection, frame),
    signal(connection, frame) {
      if (isSignal(frame)) live.signal(connection, connection.user, frame);
    },
    async respond(connection, frame, next) {
      const { caller } = connection;
      if (!caller) throw new Refused('unauthenticated');
      sessions.use(caller);
      switch (frame.t) {
        case 'sub':
          return subscribe(connection, caller, frame);
        case 'unsub':
          return unsubscribe(connection, frame);
        case 'cmd':
          return command(connection, frame, { caller, next });
        case 'get':
          return get(connection, caller, frame);
        case 'hello':
          throw new Error('hello is no request');
      }
    },
  };
};
