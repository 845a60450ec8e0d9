import { limits } from '../../app/limits/limits.ts';
import type { SessionId, UserId } from '../../events/ids.ts';
import { textFrame } from '../../hub/frame.ts';
import { monotonic } from '../../runtime/clock.ts';
import { chance } from '../../runtime/random.ts';
import { clearInterval, setInterval, sleep } from '../../runtime/timers.ts';
import { closes } from './close-codes.ts';
import type { Connection } from './connection.ts';

const pulseMs = 500;
const goneEveryMs = 20;

/** All connections of this node: who has how many, and the one timer that looks after all of them. */
export class Connections {
  readonly #all = new Set<Connection>();
  readonly #byUser = new Map<UserId, Set<Connection>>();
  readonly #pulsing: NodeJS.Timeout;
  #pings = 0;

  /** `now`: a clock that only goes forward, in ms. */
  constructor(now: () => number) {
    this.#pulsing = setInterval(() => this.#pulse(now()), pulseMs).unref();
  }

  get size(): number {
    return this.#all.size;
  }

  add(connection: Connection): void {
    this.#all.add(connection);
  }

  /** The connection's user is known; with too many connections, the oldest one goes. */
  admit(connection: Connection, user: UserId): void {
    const mine = this.#byUser.get(user) ?? new Set();
    this.#byUser.set(user, mine.add(connection));
    const [oldest] = mine.size > limits.connectionsPerUserMax ? mine : [];
    if (!oldest) return;
    mine.delete(oldest);
    oldest.close(closes.replaced);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    if (!connection.caller) return;
    const { user } = connection.caller;
    const mine = this.#byUser.get(user);
    mine?.delete(connection);
    if (mine?.size === 0) this.#byUser.delete(user);
  }

  /** Closes what a session that was ended has open. */
  endSession(session: SessionId, user: UserId): void {
    for (const connection of this.#byUser.get(user) ?? []) {
      if (connection.caller?.session === session) connection.close(closes.unauthenticated);
    }
  }

  /** Says goodbye to everybody, spread over `spreadMs` so that they do not all come back at once. */
  drain(spreadMs: number): void {
    clearInterval(this.#pulsing);
    for (const connection of this.#all) {
      connection.close(closes.draining, Math.floor(chance() * spreadMs));
    }
  }

  /** Resolves when all connections are gone, or after `waitMs`. */
  async gone(waitMs: number): Promise<void> {
    const until = monotonic() + waitMs;
    while (this.#all.size > 0 && monotonic() < until) await sleep(goneEveryMs);
  }

  #pulse(now: number): void {
    const ping = textFrame(JSON.stringify({ t: 'ping', n: ++this.#pings }));
    for (const connection of this.#all) connection.pulse(now, ping);
  }
}
