import type { ActorsPort } from '../../actors/port.ts';
import { announcedLimits } from '../../app/limits/announced.ts';
import { limits } from '../../app/limits/limits.ts';
import { type ErrorCode, problemOf } from '../../app/refusals.ts';
import type { LogIns } from '../../app/sessions/log-ins.ts';
import type { Caller, Sessions } from '../../app/sessions/sessions.ts';
import type { Live } from '../../hub/live/live.ts';
import { type UserView, userView } from '../../projections/models/users.ts';
import { defined } from '../../runtime/defined.ts';
import { callerBy, proof } from '../authentication.ts';
import { type Close, closes } from './close-codes.ts';
import type { Connection } from './connection.ts';
import type { Connections } from './connections.ts';
import type { HelloFrame } from './frames.ts';
import type { Greeting, Responder } from './responding.ts';

export type GreeterOptions = {
  readonly sessions: Sessions;
  readonly logIns: LogIns;
  readonly connections: Connections;
  readonly live: Pick<Live, 'expect' | 'admit'>;
  readonly actors: Pick<ActorsPort, 'profileOf'>;
  readonly epoch: string;
  readonly textMax: number;
  readonly now: () => number;
};

/** Handles hello (W1-W3). */
export type Greeter = Pick<Responder<Connection>, 'greet'>;

/** How a connection is closed for an error of hello; others are faults. */
const closesOf: { readonly [Code in ErrorCode]?: Close } = {
  'rate-limited': closes.tooMany,
  suspended: closes.suspended,
  unavailable: closes.away,
};

/** The caller, and the token if a session was opened. */
type Identified = { readonly caller: Caller; readonly token?: string };

const isWhole = ({ token, username, password }: HelloFrame): boolean =>
  token === undefined
    ? (username === undefined) === (password === undefined)
    : username === undefined && password === undefined;

/** The data of the answer to hello (W2). */
const welcome = (
  { epoch, textMax, now }: GreeterOptions,
  connection: Connection,
  { caller, token, user }: Identified & { readonly user: UserView },
) => ({
  epoch,
  connection: connection.id,
  session: { id: caller.session },
  user,
  ping: limits.pingMs,
  now: now(),
  limits: announcedLimits(textMax),
  ...defined({ token }),
});

export const createGreeter = (options: GreeterOptions): Greeter => {
  const { sessions, logIns, connections, live, actors } = options;

  /** Authenticates the credentials. */
  const identify = async (
    connection: Connection,
    frame: HelloFrame,
  ): Promise<Identified | undefined> => {
    const { username, password, token } = frame;
    if (username === undefined || password === undefined) {
      const given = token === undefined ? connection.upgrade.cookie : proof(token);
      const caller = await callerBy(sessions, given);
      return caller && { caller };
    }
    const { address, userAgent } = connection.upgrade;
    const isGone = (): boolean => connection.isOver;
    return logIns.logIn({ username, password, address, userAgent, isGone });
  };

  /** From now on the end of the session closes the connection; a session that has ended meanwhile closes it here. */
  const use = (connection: Connection, caller: Caller, d?: object): Greeting | Close => {
    connection.caller = caller;
    if (sessions.isClosed(caller)) return closes.unauthenticated;
    return { caller, ...defined({ d }) };
  };

  /** A later hello replaces the session with another one of the same user. */
  const renew = async (
    connection: Connection,
    caller: Caller,
    { token = '' }: HelloFrame,
  ): Promise<Greeting | Close> => {
    const renewed = await sessions.authenticate(token);
    if (!renewed) return closes.unauthenticated;
    return renewed.user === caller.user ? use(connection, renewed) : closes.otherUser;
  };

  const first = async (connection: Connection, frame: HelloFrame): Promise<Greeting | Close> => {
    const identified = await identify(connection, frame);
    if (!identified) return closes.unauthenticated;
    const { caller } = identified;
    const profile = await actors.profileOf(caller.user);
    if (!profile) return closes.unauthenticated;
    const user = userView({ _id: caller.user, ...profile });
    await live.expect(caller.user);
    if (connection.isOver) return closes.internal;
    connections.admit(connection, caller.user);
    live.admit(connection, caller.user);
    return use(connection, caller, welcome(options, connection, { ...identified, user }));
  };

  return {
    async greet(connection, frame) {
      if (!isWhole(frame)) return closes.badFrame;
      if (connection.caller && frame.token === undefined) return closes.badFrame;
      try {
        return connection.caller
          ? await renew(connection, connection.caller, frame)
          : await first(connection, frame);
      } catch (error) {
        const close = closesOf[problemOf(error).code];
        if (close) return close;
        throw error;
      }
    },
  };
};
