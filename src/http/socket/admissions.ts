import { limits } from '../../app/limits/limits.ts';
import type { ConnectionId, UserId } from '../../events/ids.ts';
import type { EntryChange, OtherNodes } from '../../hub/live/other-nodes.ts';
import { type Close, closes } from './close-codes.ts';

/** A connection that counts among those of its user. */
export type Admitted = {
  readonly id: ConnectionId;
  close(close: Close): void;
};

/** The connections of a user to a node, and when each was admitted, in ms since 1970. */
type AdmittedAt = readonly (readonly [id: string, at: number])[];

type Admission<Connection> = {
  readonly id: string;
  readonly at: number;
  /** Undefined: it is on another node. */
  readonly connection?: Connection;
  readonly node?: string;
};

export type AdmissionsOptions = {
  readonly nodes: Pick<OtherNodes, 'replicate'>;
  /** The wall clock, in ms. */
  readonly now: () => number;
};

/**
 * The connections of each user, of which the oldest is closed if there are too many on all nodes together. All nodes sort
 * them in the same way, and each closes only its own ones, so that none is closed in place of another.
 */
export class Admissions<Connection extends Admitted> {
  readonly #now: () => number;
  readonly #users = new Map<UserId, readonly Admission<Connection>[]>();
  readonly #changed: (user: UserId) => void;

  constructor({ nodes, now }: AdmissionsOptions) {
    this.#now = now;
    this.#changed = nodes.replicate<AdmittedAt>('connections', {
      keys: () => this.#users.keys(),
      value: (user) => this.#admittedAt(user as UserId),
      onChange: (change) => this.#receive(change),
    });
  }

  /** The connections of a user to this node. */
  of(user: UserId): Connection[] {
    return this.#all(user).flatMap(({ connection }) => connection ?? []);
  }

  admit(connection: Connection, user: UserId): void {
    const all = this.#all(user);
    // Later than all that are known, although clocks differ: the new connection is not the one to be closed.
    const at = Math.max(this.#now(), ...all.map((other) => other.at + 1));
    this.#set(user, [...all, { id: connection.id, at, connection }]);
    this.#changed(user);
    this.#closeExcess(user);
  }

  remove(connection: Connection, user: UserId): void {
    const all = this.#all(user);
    const others = all.filter((each) => each.connection !== connection);
    if (others.length === all.length) return;
    this.#set(user, others);
    this.#changed(user);
  }

  #closeExcess(user: UserId): void {
    const newestFirst = [...this.#all(user)].sort(
      (one, other) => other.at - one.at || (one.id < other.id ? 1 : -1),
    );
    for (const { connection } of newestFirst.slice(limits.connectionsPerUserMax)) {
      if (!connection) continue;
      this.remove(connection, user);
      connection.close(closes.replaced);
    }
  }

  #all(user: UserId): readonly Admission<Connection>[] {
    return this.#users.get(user) ?? [];
  }

  #set(user: UserId, all: readonly Admission<Connection>[]): void {
    if (all.length > 0) this.#users.set(user, all);
    else this.#users.delete(user);
  }

  #admittedAt(user: UserId): AdmittedAt | undefined {
    const here = this.#all(user).filter(({ connection }) => connection);
    return here.length > 0 ? here.map(({ id, at }) => [id, at]) : undefined;
  }

  #receive({ node, key, value = [] }: EntryChange<AdmittedAt>): void {
    const user = key as UserId;
    const others = this.#all(user).filter((each) => each.node !== node);
    this.#set(user, [...others, ...value.map(([id, at]) => ({ id, at, node }))]);
    this.#closeExcess(user);
  }
}
