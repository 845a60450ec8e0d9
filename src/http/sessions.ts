import { hash, randomBytes } from 'node:crypto';
import type { NewSession } from '../actors/user/commands.ts';
import { type SessionId, type UserId, uuid7 } from '../events/ids.ts';
import type { SessionRow } from '../projections/models/sessions.ts';
import type { ReadModels } from '../projections/read-models.ts';
import { limits } from './limits.ts';
import type { Seen } from './reader.ts';

/** Who asks: a user by one of their sessions. One object per session and node, so that `seen` is shared. */
export type Caller = {
  readonly user: UserId;
  readonly session: SessionId;
  readonly createdAt: number;
  readonly userAgent?: string;
  /** What answers of this session spoke of, by partition. */
  readonly seen: Seen;
};

/** A session as its owner sees it. */
export type SessionView = {
  readonly id: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
  readonly userAgent?: string;
  readonly current: boolean;
};

type Cached = { readonly caller: Caller; usedAt: number };

const cachedMax = 50_000;
/** Uses are noted at most this often. */
const touchEveryMs = 60_000;
const userAgentMax = 256;

const digest = (token: string): string => hash('sha256', token, 'base64url');

const sessionView = (
  { session, createdAt, userAgent }: Caller,
  { lastSeenAt, current }: { lastSeenAt: number; current: boolean },
): SessionView => ({
  id: session,
  createdAt,
  lastSeenAt,
  ...(userAgent !== undefined && { userAgent }),
  current,
});

/** The sessions of this server: who a token stands for. Tokens are 256 random bits; only digests are kept. */
export class Sessions {
  readonly #models: ReadModels;
  readonly #now: () => number;
  readonly #cached = new Map<string, Cached>();
  readonly #tokens = new Map<SessionId, string>();
  /** Sessions that were closed lately: the read model may not know it yet. */
  readonly #closed = new Set<SessionId>();

  /** Waits until the read models show all that stood in the log when this server started. */
  readonly #caughtUp: () => Promise<void>;

  constructor(models: ReadModels, now: () => number, caughtUp: () => Promise<void>) {
    this.#models = models;
    this.#now = now;
    this.#caughtUp = caughtUp;
  }

  /** A session to be opened, and the token that only its client will know. */
  mint(userAgent: string | undefined): { readonly token: string; readonly session: NewSession } {
    const token = randomBytes(32).toString('base64url');
    const named = userAgent === undefined ? {} : { userAgent: userAgent.slice(0, userAgentMax) };
    return { token, session: { id: uuid7(this.#now()), token: digest(token), ...named } };
  }

  /** Takes a session that was just opened into use, unless it was closed already. */
  admit(user: UserId, { id, token, userAgent }: NewSession, createdAt: number): Caller {
    const named = userAgent === undefined ? {} : { userAgent };
    const caller = { user, session: id as SessionId, createdAt, ...named, seen: [] };
    return this.isClosed(caller) ? caller : this.#cache(token, caller);
  }

  /** Whether a session was closed lately: whoever has just been found out may be nobody by now. */
  isClosed({ session }: Caller): boolean {
    return this.#closed.has(session);
  }

  /** Who a token stands for; undefined if it is wrong, closed or expired. */
  async authenticate(token: string): Promise<Caller | undefined> {
    const key = digest(token);
    const cached = this.#cached.get(key);
    const now = this.#now();
    if (cached && now - cached.usedAt < touchEveryMs) return cached.caller;
    // A session that was closed right before a restart must not come back until the read models show it.
    await this.#caughtUp();
    const row = await this.#models.sessions.byToken(key);
    if (!row || this.#closed.has(row._id as SessionId)) return undefined;
    const usedAt = (await this.#models.sessionUses.get(row._id)) ?? row.createdAt;
    if (now - usedAt > limits.sessionMs) return undefined;
    await this.#models.sessionUses.touch(row._id, now);
    if (this.#closed.has(row._id as SessionId)) return undefined;
    return this.#cache(key, this.#cached.get(key)?.caller ?? this.#callerOf(row));
  }

  /** A session is in use over a socket, which need not say who it is again. */
  use({ session }: Caller): void {
    const cached = this.#cached.get(this.#tokens.get(session) ?? '');
    const now = this.#now();
    if (!cached || now - cached.usedAt < touchEveryMs) return;
    cached.usedAt = now;
    void this.#models.sessionUses.touch(session, now).catch(() => undefined);
  }

  /** Forgets a session that was closed, wherever it was closed. */
  close(session: SessionId): void {
    const token = this.#tokens.get(session);
    if (token !== undefined) this.#cached.delete(token);
    this.#tokens.delete(session);
    this.#closed.add(session);
    if (this.#closed.size <= cachedMax) return;
    for (const oldest of this.#closed) {
      this.#closed.delete(oldest);
      return;
    }
  }

  view(caller: Caller): SessionView {
    return sessionView(caller, { lastSeenAt: this.#now(), current: true });
  }

  /** All sessions of the caller's user that have not expired, in the order in which they were opened. */
  async list(caller: Caller): Promise<SessionView[]> {
    const now = this.#now();
    const rows = await this.#models.sessions.ofUser(caller.user);
    const uses = await this.#models.sessionUses.getMany(rows.map(({ _id }) => _id));
    const views = rows.map((row) => {
      const current = row._id === caller.session;
      const usedAt = current ? now : (uses.get(row._id) ?? row.createdAt);
      return sessionView(this.#callerOf(row), { lastSeenAt: usedAt, current });
    });
    return views.filter(({ lastSeenAt }) => now - lastSeenAt <= limits.sessionMs);
  }

  #callerOf({ _id, user, createdAt, userAgent }: SessionRow): Caller {
    const named = userAgent === undefined ? {} : { userAgent };
    return { user: user as UserId, session: _id as SessionId, createdAt, ...named, seen: [] };
  }

  #cache(key: string, caller: Caller): Caller {
    this.#cached.delete(key);
    this.#cached.set(key, { caller, usedAt: this.#now() });
    this.#tokens.set(caller.session, key);
    if (this.#cached.size > cachedMax) {
      const [oldest] = this.#cached;
      if (oldest) {
        this.#cached.delete(oldest[0]);
        this.#tokens.delete(oldest[1].caller.session);
      }
    }
    return caller;
  }
}
