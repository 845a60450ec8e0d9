import type { SessionId, UserId } from '../../events/ids.ts';
import { textFrame } from '../../hub/frame.ts';
import { monotonic } from '../../runtime/clock.ts';
import { chance } from '../../runtime/random.ts';
import { clearInterval, setInterval, sleep } from '../../runtime/timers.ts';
import { Admissions, type AdmissionsOptions } from './admissions.ts';
import { closes } from './close-codes.ts';
import type { Connection } from './connection.ts';

const pulseMs = 500;
const goneEveryMs = 20;

export type ConnectionsOptions = AdmissionsOptions & {
  /** A clock that only goes forward, in ms. */
  readonly monotonic: () => number;
};

/** All connections of this node: who has how many, and the one timer that looks after all of them. */
export class Connections {
  readonly #all = new Set<Connection>();
  readonly #admissions: Admissions<Connection>;
  readonly #pulsing: NodeJS.Timeout;
  #pings = 0;

  constructor(options: ConnectionsOptions) {
    this.#admissions = new Admissions(options);
    this.#pulsing = setInterval(() => this.#pulse(options.monotonic()), pulseMs).unref();
  }

  get size(): number {
    return this.#all.size;
  }

  add(connection: Connection): void {
    this.#all.add(connection);
  }

  /** The connection's user is known; with too many connections on all nodes, the oldest one goes. */
  admit(connection: Connection, user: UserId): void {
    this.#admissions.admit(connection, user);
  }

  remove(connection: Connection): void {
    this.#all.delete(connection);
    if (connection.caller) this.#admissions.remove(connection, connection.caller.user);
  }

  /** Closes what a session that was ended has open. */
  endSession(session: SessionId, user: UserId): void {
    for (const connection of this.#admissions.of(user)) {
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
