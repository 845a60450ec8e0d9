import { accessChange } from '../../access/changes.ts';
import { problemOf } from '../../app/refusals.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import type { CircleId, ConnectionId, UserId } from '../../events/ids.ts';
import type { Outlet } from '../outlet.ts';
import type { Subscription } from '../subscription.ts';

/** A connection, as a recipient of activity, signals and presence. */
export interface Listener {
  readonly id: ConnectionId;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly outlet: Pick<Outlet, 'calm' | 'write' | 'keep'>;
}

export type Status = 'online' | 'idle';

/** A user who is connected, or was a moment ago, with the circles they are in. */
export type Person = {
  readonly user: UserId;
  readonly connections: Map<Listener, Status>;
  readonly circles: Set<CircleId>;
  /** Whether all circles are known. */
  isKnown: boolean;
  /** When the last connection ended, in ms; undefined while connected. */
  goneAt: number | undefined;
};

/** A circle that a user was in when it was looked up, and the position in the log at which they joined. */
export type Membership = { readonly circle: CircleId; readonly joinedSeq: number };

export type RosterOptions = {
  /** The circles of a user, as of all that the hub has received when it is called, or later. */
  readonly circlesOf: (user: UserId) => Promise<readonly Membership[]>;
  /** The position up to which the hub has received the partition of a circle. */
  readonly received: (circle: CircleId) => number;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
};

/**
 * The members of each circle who are connected to this node. A user's circles are looked up once, and then follow the
 * events of circles in the order in which the hub receives them: at each event the roster holds exactly the members who
 * may be notified of it, and nobody who was removed before.
 */
export class Roster {
  readonly #options: RosterOptions;
  readonly #people = new Map<UserId, Person>();
  readonly #circles = new Map<CircleId, Set<Person>>();
  /** Users whose circles are being looked up, and the circles that have changed for them since. */
  readonly #loading = new Map<
    Person,
    { readonly changed: Set<CircleId>; readonly done: Promise<void> }
  >();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  person(user: UserId): Person | undefined {
    return this.#people.get(user);
  }

  /** The connected members of a circle, and those who were connected a moment ago. */
  members(circle: CircleId): ReadonlySet<Person> {
    return this.#circles.get(circle) ?? nobody;
  }

  /** Adds a user who is about to have a connection. */
  expect(user: UserId): Person {
    const known = this.#people.get(user);
    if (known) return known;
    const person: Person = {
      user,
      connections: new Map(),
      circles: new Set(),
      isKnown: false,
      goneAt: this.#options.now(),
    };
    this.#people.set(user, person);
    return person;
  }

  connect(user: UserId, listener: Listener): Person {
    const person = this.expect(user);
    person.connections.set(listener, 'online');
    person.goneAt = undefined;
    return person;
  }

  /** Removes a connection; returns its user, or undefined if it was not connected. */
  disconnect(user: UserId, listener: Listener): Person | undefined {
    const person = this.#people.get(user);
    if (!person?.connections.delete(listener)) return undefined;
    if (person.connections.size === 0) person.goneAt = this.#options.now();
    return person;
  }

  /** Looks up a user's circles, if they are not known. Resolves also if that fails. */
  know(person: Person): Promise<void> {
    if (person.isKnown) return Promise.resolve();
    const loading = this.#loading.get(person);
    if (loading) return loading.done;
    const changed = new Set<CircleId>();
    const done = this.#load(person, changed)
      .catch((cause: unknown) => this.#report(person, cause))
      .finally(() => this.#loading.delete(person));
    this.#loading.set(person, { changed, done });
    return done;
  }

  /** Removes a user who has no connection. */
  forget(person: Person): void {
    for (const circle of [...person.circles]) this.#leave(person, circle);
    this.#people.delete(person.user);
  }

  /** Applies an event of a circle; returns the connected user who has joined by it, if one has. */
  apply(circle: CircleId, event: LoggedEvent): Person | undefined {
    const change = accessChange(event);
    if (!change) return undefined;
    if (change.change === 'ended') {
      if (change.stream !== undefined) return undefined;
      for (const person of [...this.members(circle)]) this.#leave(person, circle);
      return undefined;
    }
    const person = this.#people.get(change.user as UserId);
    if (!person) return undefined;
    this.#loading.get(person)?.changed.add(circle);
    if (change.change === 'revoked') {
      this.#leave(person, circle);
      return undefined;
    }
    this.#join(person, circle);
    return person;
  }

  /** Skips circles that have changed meanwhile, and joins that the hub has not received yet: they follow as events. */
  async #load(person: Person, changed: ReadonlySet<CircleId>): Promise<void> {
    const memberships = await this.#options.circlesOf(person.user);
    if (this.#people.get(person.user) !== person) return;
    for (const { circle, joinedSeq } of memberships) {
      if (changed.has(circle) || joinedSeq > this.#options.received(circle)) continue;
      this.#join(person, circle);
    }
    person.isKnown = true;
  }

  /** Unavailable read models are not reported: the lookup is retried. */
  #report({ user }: Person, cause: unknown): void {
    if (problemOf(cause).code === 'unavailable') return;
    this.#options.onError(new Error(`the circles of ${user} cannot be looked up`, { cause }));
  }

  #join(person: Person, circle: CircleId): void {
    person.circles.add(circle);
    const members = this.#circles.get(circle);
    if (members) members.add(person);
    else this.#circles.set(circle, new Set([person]));
  }

  #leave(person: Person, circle: CircleId): void {
    person.circles.delete(circle);
    const members = this.#circles.get(circle);
    members?.delete(person);
    if (members?.size === 0) this.#circles.delete(circle);
  }
}

const nobody: ReadonlySet<Person> = new Set();
