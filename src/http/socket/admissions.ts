import { limits } from '../../app/limits/limits.ts';
import type { ConnectionId, UserId } from '../../events/ids.ts';
import type { EntryChange, OtherNodes } from '../../hub/live/other-nodes.ts';
import { type Close, closes } from './close-codes.ts';

/** A connection that counts among those of its user. */
export type Admitted = {
  readonly id: ConnectionId;
  close(close: Close): void;
};

/** When each connection of a user to a node was admitted, in ms since 1970, by its id. */
type AdmittedAt = Readonly<Record<string, number>>;

type OfUser<Connection> = {
  /** The connections to this node, and when each was admitted. */
  readonly here: Map<Connection, number>;
  readonly elsewhere: Map<string, AdmittedAt>;
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
  readonly #users = new Map<UserId, OfUser<Connection>>();
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
  of(user: UserId): Iterable<Connection> {
    return this.#users.get(user)?.here.keys() ?? [];
  }

  admit(connection: Connection, user: UserId): void {
    const known = this.#known(user);
    // Later than all that are known, although clocks differ: the new connection is not the one to be closed.
    const newest = Math.max(...sorted(known).map(({ at }) => at + 1), this.#now());
    known.here.set(connection, newest);
    this.#changed(user);
    this.#closeExcess(user, known);
  }

  remove(connection: Connection, user: UserId): void {
    const known = this.#users.get(user);
    if (!known?.here.delete(connection)) return;
    this.#changed(user);
    this.#forgetIfGone(user, known);
  }

  #closeExcess(user: UserId, known: OfUser<Connection>): void {
    for (const { connection } of sorted(known).slice(limits.connectionsPerUserMax)) {
      if (!connection) continue;
      this.remove(connection, user);
      connection.close(closes.replaced);
    }
  }

  #known(user: UserId): OfUser<Connection> {
    const known = this.#users.get(user) ?? { here: new Map(), elsewhere: new Map() };
    this.#users.set(user, known);
    return known;
  }

  #forgetIfGone(user: UserId, { here, elsewhere }: OfUser<Connection>): void {
    if (here.size === 0 && elsewhere.size === 0) this.#users.delete(user);
  }

  #admittedAt(user: UserId): AdmittedAt | undefined {
    const here = this.#users.get(user)?.here;
    if (!here || here.size === 0) return undefined;
    return Object.fromEntries([...here].map(([{ id }, at]) => [id, at]));
  }

  #receive({ node, key, value }: EntryChange<AdmittedAt>): void {
    const user = key as UserId;
    const known = this.#known(user);
    if (value) {
      known.elsewhere.set(node, value);
      this.#closeExcess(user, known);
    } else {
      known.elsewhere.delete(node);
      this.#forgetIfGone(user, known);
    }
  }
}

type Sortable<Connection> = {
  readonly id: string;
  readonly at: number;
  /** Undefined: it is on another node. */
  readonly connection?: Connection;
};

/** The connections of a user on all nodes, the newest first. */
const sorted = <Connection extends Admitted>({
  here,
  elsewhere,
}: OfUser<Connection>): Sortable<Connection>[] =>
  [
    ...[...here].map(([connection, at]) => ({ id: connection.id, at, connection })),
    ...[...elsewhere.values()].flatMap(Object.entries<number>).map(([id, at]) => ({ id, at })),
  ].sort((one, other) => other.at - one.at || (one.id < other.id ? 1 : -1));
