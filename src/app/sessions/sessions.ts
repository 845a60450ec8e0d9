import type * as Type from 'typebox';
import type { FoundSession } from '../../actors/actors.ts';
import type { NewSession } from '../../actors/user/commands.ts';
import { type SessionId, type UserId, uuid7, uuid7Time } from '../../events/ids.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { defined } from '../../runtime/defined.ts';
import { Latest } from '../limits/latest.ts';
import { limits } from '../limits/limits.ts';
import { withinMs } from '../limits/within-ms.ts';
import type { SeenPositions } from '../read-barrier.ts';
import { problemOf, Refused } from '../refusals.ts';
import type * as objects from '../views/objects.ts';
import { digestOf, newSecret, parseToken, type Token, tokenOf } from './tokens.ts';

/** A user with one of their sessions. One object per session and node, so that `seen` is shared. */
export type Caller = {
  readonly user: UserId;
  readonly session: SessionId;
  readonly createdAt: number;
  readonly userAgent?: string;
  /** The positions that the answers of this session contained, by partition. */
  readonly seen: SeenPositions;
};

/** A session as its owner sees it. */
export type SessionView = Type.Static<typeof objects.Session>;

/** A session that is not opened yet. */
export type Minted = {
  readonly tokenFor: (user: UserId) => string;
  readonly session: NewSession;
};

/** A session that could not be looked up in the read models. */
type Unfound = {
  readonly user: UserId | undefined;
  readonly digest: string;
  readonly error: unknown;
};

/** `keptAt`: the last use recorded in the read models. */
type Cached = { readonly caller: Caller; usedAt: number; readonly keptAt: number };

const cachedMax = 50_000;
/** The minimum interval of recording uses, in ms. */
const touchEveryMs = 60_000;
const userAgentMax = 256;

type Opened = {
  readonly user: string;
  readonly session: string;
  readonly createdAt: number;
  readonly userAgent?: string | undefined;
};

/** The caller of an open session that has seen nothing yet. */
const callerOf = ({ user, session, createdAt, userAgent }: Opened): Caller => ({
  user: user as UserId,
  session: session as SessionId,
  createdAt,
  ...defined({ userAgent }),
  seen: [],
});

const sessionView = (
  { session, createdAt, userAgent }: Caller,
  { lastSeenAt, current }: Pick<SessionView, 'lastSeenAt' | 'current'>,
): SessionView => ({
  id: session,
  createdAt,
  lastSeenAt,
  ...defined({ userAgent }),
  current,
});

export type SessionsOptions = {
  readonly models: ReadModels;
  /** Finds a user's open session in the log by the digest of its token. */
  readonly sessionOf: (user: UserId, digest: string) => Promise<FoundSession | undefined>;
  /** Waits until the read models have applied all that the log held when this server started. */
  readonly caughtUp: () => Promise<void>;
  /** Whether the read models are known to be unavailable. */
  readonly isAway: () => boolean;
  readonly now: () => number;
};

/**
 * Authenticates tokens. Only digests of tokens are stored. Sessions that were found are cached until they end, so that
 * users who are logged in do not need the read models; others are looked up there, or in the log while the read models
 * are unavailable.
 */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #models: ReadModels;
  readonly #now: () => number;
  readonly #cached = new Map<string, Cached>();
  readonly #digests = new Map<SessionId, string>();
  /** Recently closed sessions: the read model may not have applied that yet. */
  readonly #closed = new Latest<true>(cachedMax);

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#models = options.models;
    this.#now = options.now;
  }

  /** Creates a session to be opened, and the token for its user, which only the client will know. */
  mint(userAgent: string | undefined): Minted {
    const secret = newSecret();
    const named = defined({ userAgent: userAgent?.slice(0, userAgentMax) });
    return {
      tokenFor: (user) => tokenOf(secret, user),
      session: { id: uuid7(this.#now()), token: digestOf(secret), ...named },
    };
  }

  /** Starts to use a session that was just opened, unless it was closed already. */
  admit(user: UserId, { id, token, userAgent }: NewSession, createdAt: number): Caller {
    const caller = callerOf({ user, session: id, createdAt, userAgent });
    return this.isClosed(caller) ? caller : this.#cache(token, caller);
  }

  /** Whether a session was recently closed: it may have been found just before. */
  isClosed({ session }: Caller): boolean {
    return this.#closed.get(session) === true;
  }

  /**
   * Authenticates a token; undefined if it is wrong, closed or expired. Throws `Refused` with `unavailable` if that
   * cannot be decided.
   */
  async authenticate(text: string): Promise<Caller | undefined> {
    const token = parseToken(text);
    if (!token) return undefined;
    const digest = digestOf(token.secret);
    const cached = this.#cached.get(digest);
    const isFresh = cached && this.#now() - cached.usedAt <= limits.sessionMs;
    const caller = isFresh ? cached.caller : await this.#find(digest, token);
    if (!caller || (token.user !== undefined && token.user !== caller.user)) return undefined;
    this.use(caller);
    return caller;
  }

  /** Records that a session is in use, without waiting for that to be stored. */
  use({ session }: Caller): void {
    const digest = this.#digests.get(session) ?? '';
    const cached = this.#cached.get(digest);
    const now = this.#now();
    if (!cached) return;
    cached.usedAt = now;
    if (Math.abs(now - cached.keptAt) < touchEveryMs) return;
    this.#cached.delete(digest);
    this.#cached.set(digest, { ...cached, keptAt: now });
    this.#keepUse(session, now);
  }

  /**
   * The least recently used of a user's sessions. While the read models are unavailable: as far as this process knows.
   */
  async leastUsed(ids: readonly string[]): Promise<string | undefined> {
    const rows = await this.#models.sessionUses.getMany(ids).catch(() => new Map());
    const usedAt = (id: string): number => {
      const cached = this.#cached.get(this.#digests.get(id as SessionId) ?? '');
      return Math.max(cached?.usedAt ?? 0, rows.get(id) ?? 0, uuid7Time(id));
    };
    const times = ids.map(usedAt);
    return ids[times.indexOf(Math.min(...times))];
  }

  /** Removes a closed session, on whatever node it was closed. */
  close(session: SessionId): void {
    const token = this.#digests.get(session);
    if (token !== undefined) this.#cached.delete(token);
    this.#digests.delete(session);
    this.#closed.set(session, true);
  }

  view(caller: Caller): SessionView {
    return sessionView(caller, { lastSeenAt: this.#now(), current: true });
  }

  /** All sessions of the caller's user that have not expired, oldest first. */
  async list(caller: Caller): Promise<SessionView[]> {
    const now = this.#now();
    const rows = await this.#models.sessions.ofUser(caller.user);
    const uses = await this.#models.sessionUses.getMany(rows.map(({ _id }) => _id));
    const views = rows.map((row) => {
      const current = row._id === caller.session;
      const usedAt = current ? now : (uses.get(row._id) ?? row.createdAt);
      return sessionView(callerOf({ ...row, session: row._id }), { lastSeenAt: usedAt, current });
    });
    return views.filter(({ lastSeenAt }) => now - lastSeenAt <= limits.sessionMs);
  }

  /** Looks up a session that is not cached, and caches it. */
  async #find(digest: string, token: Token): Promise<Caller | undefined> {
    const found = await this.#inModels(digest).catch((error: unknown) =>
      this.#inLog({ digest, error, user: token.user }),
    );
    if (!found || this.isClosed(found)) return undefined;
    // Of concurrent requests with one token the first result counts, so that `seen` is shared.
    const known = this.#cached.get(digest);
    const caller = this.#cache(digest, known?.caller ?? found);
    this.#keepUse(caller.session, this.#now());
    return caller;
  }

  async #inModels(digest: string): Promise<Caller | undefined> {
    const { caughtUp, isAway } = this.#options;
    if (isAway()) throw new Refused('unavailable');
    const look = async (): Promise<Caller | undefined> => {
      // A session that was closed right before a restart must not reappear until the read models have applied that.
      await caughtUp();
      const row = await this.#models.sessions.byToken(digest);
      if (!row) return undefined;
      const usedAt = (await this.#models.sessionUses.get(row._id)) ?? row.createdAt;
      return this.#now() - usedAt > limits.sessionMs
        ? undefined
        : callerOf({ ...row, session: row._id });
    };
    return withinMs(look(), limits.appliedMs);
  }

  /**
   * The log does not record the last use: only the read models know it for a session opened so long ago that it
   * matters.
   */
  async #inLog({ user, digest, error }: Unfound): Promise<Caller | undefined> {
    const problem = problemOf(error);
    if (problem.code !== 'unavailable') throw error;
    const unknown = new Refused('unavailable', { retryAfter: limits.appliedMs }, error);
    if (user === undefined) throw unknown;
    const session = await this.#options.sessionOf(user, digest);
    if (!session) return undefined;
    const { openedAt: createdAt } = session;
    if (this.#now() - createdAt > limits.sessionMs) throw unknown;
    return callerOf({ ...session, user, session: session.id, createdAt });
  }

  #keepUse(session: SessionId, at: number): void {
    void this.#models.sessionUses.touch(session, at).catch(() => undefined);
  }

  #cache(key: string, caller: Caller): Caller {
    this.#cached.delete(key);
    const now = this.#now();
    this.#cached.set(key, { caller, usedAt: now, keptAt: now });
    this.#digests.set(caller.session, key);
    if (this.#cached.size > cachedMax) {
      const [oldest] = this.#cached;
      if (oldest) {
        this.#cached.delete(oldest[0]);
        this.#digests.delete(oldest[1].caller.session);
      }
    }
    return caller;
  }
}
