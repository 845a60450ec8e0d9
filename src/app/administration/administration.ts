import * as Type from 'typebox';
import type { Accounts } from '../../actors/accounts.ts';
import { isRefusal } from '../../actors/decision.ts';
import type { Outcome } from '../../actors/outcome.ts';
import type { ActorsPort } from '../../actors/port.ts';
import type { UserCommand } from '../../actors/user/commands.ts';
import { isUuid, operatorId, type SessionId, type UserId, uuid7 } from '../../events/ids.ts';
import { defined } from '../../runtime/defined.ts';
import * as field from '../fields.ts';
import { type Problem, problemOf, Refused, refused } from '../refusals.ts';
import { check, valid } from '../validation.ts';

const User = Type.String({ description: 'A username, or the id of a user.' });
const reasonMax = 500;

/** The requests of operators, by name. */
const requests = {
  /** Sets a password and ends all sessions. `hash`: of the password, with argon2id. */
  'reset-password': check(
    field.closed({
      user: User,
      hash: Type.String({
        pattern: '^\\$argon2id\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[\\w+/]+\\$[\\w+/]+$',
      }),
    }),
  ),
  /** Ends all sessions, and lets none be opened until the account is resumed. */
  suspend: check(
    field.closed({
      user: User,
      reason: Type.Optional(Type.String({ minLength: 1, maxLength: reasonMax })),
    }),
  ),
  resume: check(field.closed({ user: User })),
  /** Ends one session, or all of them. */
  'end-sessions': check(field.closed({ user: User, id: Type.Optional(Type.String()) })),
};

type Requests = typeof requests;
export type AdminOp = keyof Requests;
export type AdminRequest = {
  [Op in AdminOp]: { readonly op: Op } & Type.Static<Requests[Op]['schema']>;
}[AdminOp];

/** `changed`: false if the state existed already. `ended`: how many sessions were ended. */
export type AdminResult = {
  readonly user: string;
  readonly username: string;
  readonly changed: boolean;
  readonly ended: number;
};
export type AdminAnswer = { readonly result: AdminResult } | { readonly problem: Problem };

export type AdministrationOptions = {
  readonly actors: ActorsPort;
  readonly accounts: Pick<Accounts, 'accountOf' | 'resetPassword'>;
  readonly now: () => number;
  readonly onError: (error: Error) => void;
  /** Called for each session that was ended, once that is durable. */
  readonly onSessionClosed: (session: SessionId, user: UserId) => void;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Throws `Refused` if a text is no valid request. */
const parsed = async (text: string): Promise<AdminRequest> => {
  const request = isJson(text) ? JSON.parse(text) : undefined;
  const { op, ...input } = request ?? {};
  const form = Object.hasOwn(requests, op) ? requests[op as AdminOp] : undefined;
  if (!form) throw new Refused('unsupported', { message: 'this server does not know the request' });
  valid<Type.TObject>(form, input);
  return request;
};

/** What operators may do to accounts. They have no account themselves: `operatorId` stands for them in the log. */
export const createAdministration = (options: AdministrationOptions) => {
  const { actors, accounts, now, onError, onSessionClosed } = options;

  const idOf = async (named: string): Promise<UserId> => {
    const user = isUuid(named) ? (named as UserId) : (await accounts.accountOf(named))?.user;
    if (user !== undefined && (await actors.isRegistered(user))) return user;
    throw new Refused('not-found', { message: `there is no account ${named}` });
  };

  const ask = (user: UserId, request: AdminRequest): Promise<Outcome> => {
    const at = now();
    const stamp = { by: operatorId, at };
    const command = (body: Omit<UserCommand, 'by' | 'at'>): Promise<Outcome> =>
      actors.askUser(user, { ...stamp, ...body } as UserCommand);
    switch (request.op) {
      case 'reset-password':
        return accounts.resetPassword({ user, hash: request.hash, secret: uuid7(at), at });
      case 'suspend':
        return command({ op: 'suspend', ...defined({ reason: request.reason }) });
      case 'resume':
        return command({ op: 'resume' });
      case 'end-sessions':
        return command({ op: 'end-sessions', ...defined({ id: request.id }) });
    }
  };

  const perform = async (request: AdminRequest): Promise<AdminResult> => {
    const user = await idOf(request.user);
    const outcome = await ask(user, request);
    if (isRefusal(outcome)) throw refused(outcome);
    const closed = outcome.events.flatMap(({ k, d }) => (k === 'session-closed' ? [d.id] : []));
    for (const id of closed) onSessionClosed(id as SessionId, user);
    const { username = '' } = (await actors.profileOf(user)) ?? {};
    return { user, username, changed: outcome.events.length > 0, ended: closed.length };
  };

  return {
    /** Answers a request with an `AdminAnswer`, both as JSON. Never rejects. */
    async answer(text: string): Promise<string> {
      const answer = await parsed(text)
        .then(perform)
        .then(
          (result): AdminAnswer => ({ result }),
          (error: unknown): AdminAnswer => {
            const problem = problemOf(error);
            if (problem.code === 'internal') onError(error as Error);
            return { problem };
          },
        );
      return JSON.stringify(answer);
    },
  };
};

export type Administration = ReturnType<typeof createAdministration>;
