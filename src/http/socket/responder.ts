import { limits } from '../limits.ts';
import type { Executor } from '../operations/executor.ts';
import { Refused } from '../refusals.ts';
import type { Caller, Sessions } from '../sessions.ts';
import { pageOf } from '../views/messages.ts';
import type { Connection, Responder } from './connection.ts';
import type { CmdFrame, GetFrame, UnsubFrame } from './frames.ts';
import { createGate } from './gate.ts';
import type { Greeter } from './greeter.ts';
import { createSubscribing, type SubscribingDeps } from './subscribing.ts';

export type ResponderDeps = SubscribingDeps & {
  readonly executor: Executor;
  readonly greeter: Greeter;
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
  const { actors, models, reader, executor, greeter, sessions } = deps;
  const gate = createGate(actors);
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
    await gate(caller, s);
    await reader.ready(caller.seen);
    connection.ok(id, await pageOf(models, s, { ...bounds, limit }));
  };

  return {
    greet: (connection, frame) => greeter.greet(connection, frame),
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
