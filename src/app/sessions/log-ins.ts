import type { Opened } from '../../actors/accounts.ts';
import { isRefusal, type Refusal } from '../../actors/decision.ts';
import { type UserId, uuid7 } from '../../events/ids.ts';
import { defined } from '../../runtime/defined.ts';
import { fold } from '../../text/fold.ts';
import { clientAddressOf } from '../limits/client-address.ts';
import { refused } from '../refusals.ts';
import { type AdmissionOptions, createAdmission } from './admission.ts';
import { createDevices } from './devices.ts';
import { createLoginLimits, type LoginLimitsOptions } from './login-limits.ts';
import type { ServerSecret } from './server-secret.ts';
import { createSessionEnds, type SessionEndsOptions } from './session-ends.ts';
import type { Caller, Minted, Sessions } from './sessions.ts';

export type LogInsOptions = SessionEndsOptions &
  LoginLimitsOptions &
  AdmissionOptions & {
    readonly sessions: Sessions;
    readonly secret: ServerSecret;
  };

/** The origin of credentials. */
export type From = {
  readonly address: string;
  readonly userAgent: string | undefined;
  /** The device cookie of an earlier login. */
  readonly device?: string | undefined;
  /** Whether the client has disconnected. */
  readonly isGone: () => boolean;
};

export type Credentials = From & { readonly username: string; readonly password: string };

export type NewAccount = Credentials & {
  readonly displayName?: string | undefined;
  /** The code of an invite to a circle, which the user joins. */
  readonly invite?: string | undefined;
};

/** The result of a login or registration: the caller, the token, and a device cookie. */
export type LoggedIn = { readonly caller: Caller; readonly token: string; readonly device: string };

/** Registration and login for both transports, with their limits (W16); logout and change of the password. */
export const createLogIns = (options: LogInsOptions) => {
  const { accounts, sessions, barrier, now } = options;
  const rates = createLoginLimits(options);
  const devices = createDevices(options);
  const admission = createAdmission(options);

  /** The known device of the account from which credentials come, if any. */
  const deviceOf = async ({ username, device }: Credentials): Promise<string | undefined> => {
    if (!devices.isMark(device)) return undefined;
    const account = await accounts.accountOf(username);
    return account && devices.idOf(device, account);
  };

  /** Starts to use the new session once the read models have applied it. */
  const admit = async (
    outcome: Opened | Refusal,
    { tokenFor, session }: Minted,
    at: number,
  ): Promise<LoggedIn> => {
    if (isRefusal(outcome)) throw refused(outcome);
    const { user, done, joined } = outcome;
    const caller = sessions.admit(user, session, at);
    for (const { position } of joined ? [joined, done] : [done]) {
      barrier.recordAnswered(caller.seen, position);
      await barrier.waitUntilApplied(position);
    }
    return { caller, token: tokenFor(user), device: devices.mark(outcome) };
  };

  return {
    /** Resolves with undefined if the username or the password is wrong. */
    async logIn(credentials: Credentials): Promise<LoggedIn | undefined> {
      const { username, password, userAgent, isGone } = credentials;
      const address = clientAddressOf(credentials.address);
      const settle = await rates.logIn({
        name: fold(username),
        address,
        deviceOf: () => deviceOf(credentials),
      });
      const at = now();
      const minted = sessions.mint(userAgent);
      const asker = { client: address.client, isGone };
      const { session } = minted;
      const login = { username, password, session, at, asker };
      const outcome = await accounts.logIn(login).catch((error: unknown) => {
        // A wrong password does not reject.
        settle('unchecked');
        throw error;
      });
      settle(outcome === undefined ? 'wrong' : 'right');
      return outcome && admit(outcome, minted, at);
    },

    async register({
      username,
      password,
      displayName,
      invite,
      userAgent,
      ...from
    }: NewAccount): Promise<LoggedIn> {
      const address = clientAddressOf(from.address);
      await rates.registration(address);
      return admission(invite, async (joinCircle) => {
        const minted = sessions.mint(userAgent);
        const { session } = minted;
        const at = now();
        const user = uuid7(at) as UserId;
        const asker = { client: address.client, isGone: from.isGone };
        const join = joinCircle && (() => joinCircle(user, session.id));
        const account = { user, username, password, ...defined({ displayName, join }) };
        return admit(await accounts.register({ ...account, session, at, asker }), minted, at);
      });
    },

    ...createSessionEnds(options, { rates, devices }),
  };
};

export type LogIns = ReturnType<typeof createLogIns>;
