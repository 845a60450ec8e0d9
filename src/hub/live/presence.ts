import { limits } from '../../app/limits/limits.ts';
import { circleAggregate } from '../../events/aggregate.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import type { Delivery } from '../delivery.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';
import type { OtherNodes } from './other-nodes.ts';
import type { Person, Roster, Status } from './roster.ts';

export type PresenceView = { readonly online: UserId[]; readonly idle: UserId[] };

type PresenceStatus = Status | 'offline';

/** The most active one of several connections; undefined: there are none. */
export const mostActive = (statuses: Iterable<Status>): Status | undefined => {
  let found: Status | undefined;
  for (const status of statuses) {
    if (status === 'online') return status;
    found = status;
  }
  return found;
};

export type PresenceOptions = {
  readonly roster: Roster;
  readonly hub: Pick<Hub, 'watchedTopic'>;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  readonly delivery: Delivery;
  readonly nodes: Pick<OtherNodes, 'delayMs'>;
};

/**
 * The presence of the users of all nodes, as this one tells its subscribers. Changes are sent at the next `tick`, unless
 * they have been undone by then.
 */
export class Presence {
  readonly #options: PresenceOptions;
  /** How long a user may be disconnected without notice, in ms, if the reconnection may be to another node. */
  readonly #absenceMsMax: number;
  /** The status last announced to circles, of all users who are not offline. */
  readonly #announced = new Map<UserId, Status>();
  readonly #changed = new Set<Person>();
  /** Whose status is to be sent to each circle. */
  readonly #pending = new Map<CircleId, Set<Person>>();

  constructor(options: PresenceOptions) {
    this.#options = options;
    this.#absenceMsMax = limits.presenceMs + options.nodes.delayMs;
  }

  /** A user's connections, or the status of one of them, have changed. */
  changed(person: Person): void {
    this.#changed.add(person);
  }

  /** A connected user has joined a circle. If the status has not been announced yet, it will be in all circles. */
  joined(circle: CircleId, person: Person): void {
    if (this.#announced.has(person.user)) this.#queue(circle, person);
  }

  /** The current presence of a circle. A status that was returned here and not announced yet is announced later, so that undoing it does not go unnoticed. */
  of(circle: CircleId): PresenceView {
    const view: PresenceView = { online: [], idle: [] };
    for (const person of this.#options.roster.everyone(circle)) {
      const status = this.#statusOf(person);
      if (status !== this.#announcedOf(person)) this.#queue(circle, person);
      if (status === 'offline') continue;
      view[status].push(person.user);
      if (view.online.length + view.idle.length >= limits.presencePageMax) break;
    }
    return view;
  }

  /** Sends each circle the changes since the last tick, and forgets users who have disconnected. */
  tick(): void {
    const settled = [...this.#changed].filter((person) => this.#isSettled(person));
    for (const person of settled) {
      this.#changed.delete(person);
      const status = this.#statusOf(person);
      if (status === this.#announcedOf(person)) continue;
      this.#queueWatched(person);
      if (status === 'offline') this.#announced.delete(person.user);
      else this.#announced.set(person.user, status);
    }
    for (const [circle, people] of [...this.#pending]) this.#announce(circle, people);
    for (const person of settled) this.#release(person);
  }

  /** Whether a user's status and circles are known. */
  #isSettled(person: Person): boolean {
    if (this.#isReconnecting(person)) return false;
    if (person.connections.size === 0 || person.isKnown) return true;
    void this.#options.roster.know(person);
    return false;
  }

  /** Forgets where a user is not connected any more, once every circle has been notified. */
  #release(person: Person): void {
    const isGone = person.connections.size === 0 && person.elsewhere.size === 0;
    const isPending = (circle: CircleId) => this.#pending.get(circle)?.has(person);
    if (isGone && [...person.circles.keys()].some(isPending)) this.#changed.add(person);
    else this.#options.roster.forget(person);
  }

  /** Most circles of the users of other nodes have no subscriber here. */
  #queueWatched(person: Person): void {
    const { hub } = this.#options;
    for (const circle of person.circles.keys()) {
      if (hub.watchedTopic(circleAggregate(circle))) this.#queue(circle, person);
    }
  }

  #queue(circle: CircleId, person: Person): void {
    const people = this.#pending.get(circle);
    if (people) people.add(person);
    else this.#pending.set(circle, new Set([person]));
  }

  #announce(circle: CircleId, people: Set<Person>): void {
    const { hub, delivery } = this.#options;
    const d: Record<PresenceStatus, UserId[]> = { online: [], idle: [], offline: [] };
    let count = 0;
    for (const person of people) {
      if (count >= limits.presenceChangesMax) break;
      people.delete(person);
      if (!person.circles.has(circle)) continue;
      d[this.#announcedOf(person)].push(person.user);
      count++;
    }
    if (people.size === 0) this.#pending.delete(circle);
    const topic = hub.watchedTopic(circleAggregate(circle));
    if (count === 0 || !topic) return;
    const frame = textFrame(JSON.stringify({ t: 'sig', s: circle, k: 'presence', d }));
    delivery.signal(topic.subscriptions, frame);
  }

  #announcedOf({ user }: Person): PresenceStatus {
    return this.#announced.get(user) ?? 'offline';
  }

  /** Whether a user has disconnected so recently that a reconnection goes unnoticed. */
  #isReconnecting({ goneAt }: Person): boolean {
    return goneAt !== undefined && this.#options.now() - goneAt < this.#absenceMsMax;
  }

  #statusOf(person: Person): PresenceStatus {
    if (this.#isReconnecting(person)) return this.#announcedOf(person);
    const { connections, elsewhere } = person;
    return mostActive([...connections.values(), ...elsewhere.values()]) ?? 'offline';
  }
}
