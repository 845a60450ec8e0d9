import type { Overload } from '../../app/limits/overload.ts';
import type { Executor } from '../../app/operations/executor.ts';
import { Refused } from '../../app/refusals.ts';
import type { Caller, Sessions } from '../../app/sessions/sessions.ts';
import type { Live } from '../../hub/live/live.ts';
import { isSignal } from '../../hub/live/signal.ts';
import { defined } from '../../runtime/defined.ts';
import type { Connection } from './connection.ts';
import type { CmdFrame } from './frames.ts';
import type { Greeter } from './greeter.ts';
import { createReading } from './reading.ts';
import type { Responder } from './responding.ts';
import type { SubscribingDeps } from './subscribing.ts';

export type ResponderDeps = SubscribingDeps & {
  readonly executor: Executor;
  readonly greeter: Greeter;
  readonly overload: Pick<Overload, 'admit'>;
  readonly live: Pick<Live, 'signal'>;
  readonly sessions: Sessions;
};

/** Answers the requests of connections. */
export const createResponder = (deps: ResponderDeps): Responder<Connection> => {
  const { executor, greeter, overload, live, sessions } = deps;
  const read = createReading(deps);

  const command = async (
    connection: Connection,
    frame: CmdFrame,
    { caller, next }: { caller: Caller; next: () => void },
  ): Promise<void> => {
    const { id, op, d, key } = frame;
    const origin = { ...defined({ key }), conn: connection.id };
    const request = { caller, op, input: d, ...origin, enqueued: next };
    const { body } = await executor.execute(request);
    connection.ok(id, body);
  };

  return {
    greet: greeter.greet,
    admit: ({ caller }, { t }) =>
      t === 'cmd' && caller ? overload.admit(caller.user) : () => undefined,
    signal(connection, user, frame) {
      if (isSignal(frame)) live.signal(connection, user, frame);
    },
    async respond(connection, frame, next) {
      const { caller } = connection;
      if (!caller) throw new Refused('unauthenticated');
      sessions.use(caller);
      switch (frame.t) {
        case 'cmd':
          return command(connection, frame, { caller, next });
        case 'sub':
        case 'unsub':
        case 'get':
          return read(connection, caller, frame).finally(connection.headStart.begin(next));
        case 'hello':
          throw new Error('hello is no request');
      }
    },
  };
};
