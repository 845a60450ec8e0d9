import { accessChange } from '../../access/changes.ts';
import { Latest } from '../../app/limits/latest.ts';
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
  /** The connections to this node. */
  readonly connections: Map<Listener, Status>;
  /** The status on each other node that the user is connected to. */
  readonly elsewhere: Map<string, Status>;
  /** The circles, and the position in the log at which the user joined each. */
  readonly circles: Map<CircleId, number>;
  /** Whether all circles are known. */
  isKnown: boolean;
  /** Whether the user is connected to this node, or was a moment ago. */
  isHere: boolean;
  /** The same of other nodes. */
  isElsewhere: boolean;
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
  /** Told when all circles of a user are known. */
  readonly onKnown: (person: Person) => void;
  /** Told when a user has turned out to be in a circle. */
  readonly onJoined: (circle: CircleId, person: Person) => void;
  readonly onError: (error: Error) => void;
};

/** The last users who have left circles that are remembered, so that no older report has them in there. */
const leftMax = 10_000;

/**
 * The members of each circle who are connected. The circles of a user are looked up once for this node, or reported by
 * another one, and then follow the events of circles in the order in which the hub receives them: at each event the
 * roster holds exactly the members who may be notified of it, and nobody who was removed before.
 */
export class Roster {
  readonly #options: RosterOptions;
  readonly #people = new Map<UserId, Person>();
  readonly #here = new Circles();
  readonly #elsewhere = new Circles();
  readonly #loading = new Map<Person, Promise<void>>();
  /** Where in the log a user has left a circle, by both. */
  readonly #left = new Latest<number>(leftMax);

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  person(user: UserId): Person | undefined {
    return this.#people.get(user);
  }

  /** The users who are connected to this node. */
  *users(): Generator<UserId> {
    for (const { user, connections } of this.#people.values()) if (connections.size > 0) yield user;
  }

  /** The members of a circle who are connected to this node, or were a moment ago. */
  members(circle: CircleId): ReadonlySet<Person> {
    return this.#here.people(circle);
  }

  /** Those who are connected to other nodes, perhaps to this one as well. */
  membersElsewhere(circle: CircleId): ReadonlySet<Person> {
    return this.#elsewhere.people(circle);
  }

  /** Those who are connected to any node. */
  *everyone(circle: CircleId): Generator<Person> {
    yield* this.members(circle);
    for (const person of this.membersElsewhere(circle)) if (!person.isHere) yield person;
  }

  /** Adds a user who is about to have a connection. */
  expect(user: UserId): Person {
    const person = this.#people.get(user) ?? this.#add(user);
    if (!person.isHere) {
      person.isHere = true;
      this.#here.add(person);
    }
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
    this.#noteIfGone(person);
    return person;
  }

  /** A user is connected to another node. */
  connectElsewhere(user: UserId, node: string, status: Status): Person {
    const person = this.#people.get(user) ?? this.#add(user);
    person.elsewhere.set(node, status);
    person.goneAt = undefined;
    if (!person.isElsewhere) {
      person.isElsewhere = true;
      this.#elsewhere.add(person);
    }
    return person;
  }

  /** A user is not connected to another node any more; returns the user, or undefined if they were not connected. */
  disconnectElsewhere(user: UserId, node: string): Person | undefined {
    const person = this.#people.get(user);
    if (!person?.elsewhere.delete(node)) return undefined;
    this.#noteIfGone(person);
    return person;
  }

  /** Looks up a user's circles, if they are not known. Resolves also if that fails. */
  know(person: Person): Promise<void> {
    if (person.isKnown) return Promise.resolve();
    const loading = this.#loading.get(person);
    if (loading !== undefined) return loading;
    const done = this.#load(person)
      .catch((cause: unknown) => this.#report(person, cause))
      .finally(() => this.#loading.delete(person));
    this.#loading.set(person, done);
    return done;
  }

  /** Skips what has changed meanwhile, and joins that the hub has not received yet: they follow as events. */
  learn(person: Person, memberships: Iterable<Membership>): void {
    for (const { circle, joinedSeq } of memberships) {
      if (joinedSeq > this.#options.received(circle)) continue;
      if (joinedSeq < (this.#left.get(`${person.user} ${circle}`) ?? 0)) continue;
      this.#join(person, circle, joinedSeq);
    }
  }

  /** Removes a user from where they have no connection. */
  forget(person: Person): void {
    if (person.connections.size === 0 && person.isHere) {
      person.isHere = false;
      this.#here.delete(person);
    }
    if (person.elsewhere.size === 0 && person.isElsewhere) {
      person.isElsewhere = false;
      this.#elsewhere.delete(person);
    }
    if (!(person.isHere || person.isElsewhere)) this.#people.delete(person.user);
  }

  /** Applies an event of a circle that stands at a position in the log. */
  apply(circle: CircleId, event: LoggedEvent, seq: number): void {
    const change = accessChange(event);
    if (!change) return;
    if (change.change === 'ended') {
      if (change.stream !== undefined) return;
      for (const person of [...this.everyone(circle)]) this.#leave(person, circle);
      return;
    }
    const person = this.#people.get(change.user as UserId);
    if (change.change === 'granted') {
      if (person) this.#join(person, circle, seq);
      return;
    }
    this.#left.set(`${change.user} ${circle}`, seq);
    if (person) this.#leave(person, circle);
  }

  #add(user: UserId): Person {
    const person: Person = {
      ...{ user, connections: new Map(), elsewhere: new Map(), circles: new Map() },
      ...{ isKnown: false, isHere: false, isElsewhere: false },
      goneAt: this.#options.now(),
    };
    this.#people.set(user, person);
    return person;
  }

  #noteIfGone(person: Person): void {
    const isGone = person.connections.size === 0 && person.elsewhere.size === 0;
    if (isGone) person.goneAt = this.#options.now();
  }

  async #load(person: Person): Promise<void> {
    const memberships = await this.#options.circlesOf(person.user);
    if (this.#people.get(person.user) !== person) return;
    this.learn(person, memberships);
    person.isKnown = true;
    this.#options.onKnown(person);
  }

  /** Unavailable read models are not reported: the lookup is retried. */
  #report({ user }: Person, cause: unknown): void {
    if (problemOf(cause).code === 'unavailable') return;
    this.#options.onError(new Error(`the circles of ${user} cannot be looked up`, { cause }));
  }

  #join(person: Person, circle: CircleId, seq: number): void {
    const isNew = !person.circles.has(circle);
    // One string for all members: each report brings one of its own.
    person.circles.set(this.#elsewhere.name(circle) ?? circle, seq);
    if (!isNew) return;
    if (person.isHere) this.#here.join(circle, person);
    if (person.isElsewhere) this.#elsewhere.join(circle, person);
    this.#options.onJoined(circle, person);
  }

  #leave(person: Person, circle: CircleId): void {
    person.circles.delete(circle);
    this.#here.leave(circle, person);
    this.#elsewhere.leave(circle, person);
  }
}

const nobody: ReadonlySet<Person> = new Set();

/** People by the circles they are in. */
class Circles {
  readonly #circles = new Map<
    CircleId,
    { readonly name: CircleId; readonly people: Set<Person> }
  >();

  people(circle: CircleId): ReadonlySet<Person> {
    return this.#circles.get(circle)?.people ?? nobody;
  }

  /** The string that names a circle here. */
  name(circle: CircleId): CircleId | undefined {
    return this.#circles.get(circle)?.name;
  }

  /** Adds a person to all of their circles. */
  add(person: Person): void {
    for (const circle of person.circles.keys()) this.join(circle, person);
  }

  delete(person: Person): void {
    for (const circle of person.circles.keys()) this.leave(circle, person);
  }

  join(circle: CircleId, person: Person): void {
    const known = this.#circles.get(circle);
    if (known) known.people.add(person);
    else this.#circles.set(circle, { name: circle, people: new Set([person]) });
  }

  leave(circle: CircleId, person: Person): void {
    const known = this.#circles.get(circle);
    known?.people.delete(person);
    if (known?.people.size === 0) this.#circles.delete(circle);
  }
}
