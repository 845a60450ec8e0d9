import { accessChange } from '../../access/changes.ts';
import { problemOf } from '../../app/refusals.ts';
import type { LoggedEvent } from '../../events/commit.ts';
import type { CircleId, ConnectionId, UserId } from '../../events/ids.ts';
import type { Outlet } from '../outlet.ts';
import type { Subscription } from '../subscription.ts';

/** A connection as those see it who tell it what passes. */
export interface Listener {
  readonly id: ConnectionId;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly outlet: Pick<Outlet, 'calm' | 'write' | 'keep'>;
}

/** What somebody is at one device. */
export type Status = 'online' | 'idle';

/** Somebody who is connected, or was a moment ago, and the circles that they are in. */
export type Person = {
  readonly user: UserId;
  readonly connections: Map<Listener, Status>;
  readonly circles: Set<CircleId>;
  /** Whether all their circles are known. */
  isKnown: boolean;
  /** Since when they have no connection, in ms; of no meaning while they have one. */
  goneAt: number;
};

/** A circle that somebody was in when this was found out, and the place in the log at which they joined. */
export type Membership = { readonly circle: CircleId; readonly joinedSeq: number };

export type RosterOptions = {
  /** The circles that somebody is in, as of all that the hub has heard when it is called, or later. */
  readonly circlesOf: (user: UserId) => Promise<readonly Membership[]>;
  /** Up to where the hub has heard the partition of a circle. */
  readonly heard: (circle: CircleId) => number;
  /** A clock that only goes forward, in ms. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
};

/**
 * Who of each circle's members is connected to this node. It is looked up once when somebody comes, and from then on
 * follows the events of circles in the order in which the hub hears them: so at each event it holds exactly those who
 * may be told of it, and nobody who was removed before.
 */
export class Roster {
  readonly #options: RosterOptions;
  readonly #people = new Map<UserId, Person>();
  readonly #circles = new Map<CircleId, Set<Person>>();
  /** Whose circles are being looked up, and what was heard of them since that began. */
  readonly #loading = new Map<
    Person,
    { readonly heard: Set<CircleId>; readonly done: Promise<void> }
  >();

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** Somebody who is connected, or was a moment ago. */
  person(user: UserId): Person | undefined {
    return this.#people.get(user);
  }

  /** The members of a circle who are connected, or were a moment ago. */
  members(circle: CircleId): ReadonlySet<Person> {
    return this.#circles.get(circle) ?? nobody;
  }

  /** Takes somebody in who is about to have a connection. */
  expect(user: UserId): Person {
    const known = this.#people.get(user);
    if (known) return known;
    const goneAt = this.#options.now();
    const person: Person = {
      ...{ user, connections: new Map(), circles: new Set(), isKnown: false, goneAt },
    };
    this.#people.set(user, person);
    return person;
  }

  /** Finds out the circles that somebody is in, if they are not known; resolves also if that fails. */
  know(person: Person): Promise<void> {
    if (person.isKnown) return Promise.resolve();
    const loading = this.#loading.get(person);
    if (loading) return loading.done;
    const heard = new Set<CircleId>();
    const done = this.#load(person, heard)
      .catch((cause: unknown) => this.#report(person, cause))
      .finally(() => this.#loading.delete(person));
    this.#loading.set(person, { heard, done });
    return done;
  }

  /** Lets go of somebody who has no connection. */
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
    this.#loading.get(person)?.heard.add(circle);
    if (change.change === 'revoked') {
      this.#leave(person, circle);
      return undefined;
    }
    this.#join(person, circle);
    return person;
  }

  /** What was heard meanwhile is newer; what is not heard yet will be. */
  async #load(person: Person, heard: ReadonlySet<CircleId>): Promise<void> {
    const memberships = await this.#options.circlesOf(person.user);
    if (this.#people.get(person.user) !== person) return;
    for (const { circle, joinedSeq } of memberships) {
      if (heard.has(circle) || joinedSeq > this.#options.heard(circle)) continue;
      this.#join(person, circle);
    }
    person.isKnown = true;
  }

  /** Read models that are away, or behind, are no fault of this: it is tried again. */
  #report({ user }: Person, cause: unknown): void {
    if (problemOf(cause).code === 'unavailable') return;
    this.#options.onError(new Error(`what circles ${user} is in is not known yet`, { cause }));
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
