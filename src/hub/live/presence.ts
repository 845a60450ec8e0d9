import { limits } from '../../app/limits/limits.ts';
import { circleAggregate } from '../../events/aggregate.ts';
import type { CircleId, UserId } from '../../events/ids.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';
import { isListening } from '../subscription.ts';
import type { Person, Roster, Status } from './roster.ts';

/** Who of a circle is there, as it is answered when it is asked for. */
export type PresenceView = { readonly online: UserId[]; readonly idle: UserId[] };

/**
 * Who is awake. This is what several nodes would have to share: each would tell the others what its own people are,
 * and whether one comes back within `presenceMs` to another node. Nothing outside asks for more than this.
 */
export interface Presence {
  /** Somebody's connections, or what one of them says of itself, have changed. */
  changed(person: Person): void;
  /** Somebody who is connected has come into a circle. */
  joined(circle: CircleId, person: Person): void;
  /** Who of a circle is there now. */
  of(circle: CircleId): PresenceView;
}

type Standing = Status | 'offline';

export type LocalPresenceOptions = {
  readonly roster: Roster;
  readonly hub: Pick<Hub, 'watchedTopic'>;
  /** A clock that only goes forward, in ms. */
  readonly now: () => number;
  /** Told how many sockets were too slow to be told something. */
  readonly onDropped: (count: number) => void;
};

/** The presence of the people on this node. Changes collect until `tick`, and what has changed back is not told. */
export class LocalPresence implements Presence {
  readonly #options: LocalPresenceOptions;
  /** What circles were told last of whom; who is not here is offline. */
  readonly #told = new Map<UserId, Status>();
  readonly #changed = new Set<Person>();
  /** Of whom each circle is to be told. */
  readonly #news = new Map<CircleId, Set<Person>>();

  constructor(options: LocalPresenceOptions) {
    this.#options = options;
  }

  changed(person: Person): void {
    this.#changed.add(person);
  }

  joined(circle: CircleId, person: Person): void {
    this.#tell(circle, person);
  }

  /** Whoever was shown something that was not told is told of again, lest it changes back unnoticed. */
  of(circle: CircleId): PresenceView {
    const view: PresenceView = { online: [], idle: [] };
    for (const person of this.#options.roster.members(circle)) {
      const standing = this.#standingOf(person);
      if (standing !== this.#toldOf(person)) this.#tell(circle, person);
      if (standing === 'offline') continue;
      view[standing].push(person.user);
      if (view.online.length + view.idle.length >= limits.presencePageMax) break;
    }
    return view;
  }

  /** Tells each circle what has changed since it was told last, and lets go of who is gone. */
  tick(): void {
    const settled = [...this.#changed].filter((person) => this.#isSettled(person));
    for (const person of settled) {
      this.#changed.delete(person);
      const standing = this.#standingOf(person);
      if (standing === this.#toldOf(person)) continue;
      for (const circle of person.circles) this.#tell(circle, person);
      if (standing === 'offline') this.#told.delete(person.user);
      else this.#told.set(person.user, standing);
    }
    for (const [circle, people] of [...this.#news]) this.#announce(circle, people);
    for (const person of settled) if (person.connections.size === 0) this.#release(person);
  }

  /** Whether it is clear what somebody is, and who may know. */
  #isSettled(person: Person): boolean {
    if (this.#isBriefly(person)) return false;
    if (person.connections.size === 0 || person.isKnown) return true;
    void this.#options.roster.know(person);
    return false;
  }

  /** Who is gone may be let go once every circle has been told. */
  #release(person: Person): void {
    const isAwaited = [...person.circles].some((circle) => this.#news.get(circle)?.has(person));
    if (isAwaited) this.#changed.add(person);
    else this.#options.roster.forget(person);
  }

  #tell(circle: CircleId, person: Person): void {
    const people = this.#news.get(circle);
    if (people) people.add(person);
    else this.#news.set(circle, new Set([person]));
  }

  #announce(circle: CircleId, people: Set<Person>): void {
    const { hub, onDropped } = this.#options;
    const d: Record<Standing, UserId[]> = { online: [], idle: [], offline: [] };
    let count = 0;
    for (const person of people) {
      if (count >= limits.presenceChangesMax) break;
      people.delete(person);
      if (!person.circles.has(circle)) continue;
      d[this.#toldOf(person)].push(person.user);
      count++;
    }
    if (people.size === 0) this.#news.delete(circle);
    const topic = hub.watchedTopic(circleAggregate(circle));
    if (count === 0 || !topic) return;
    const frame = textFrame(JSON.stringify({ t: 'sig', s: circle, k: 'presence', d }));
    for (const subscription of topic.subscriptions) {
      const { subscriber } = subscription;
      if (!isListening(subscription)) continue;
      if (subscriber.flowing) subscriber.write(frame);
      else onDropped(1);
    }
  }

  #toldOf({ user }: Person): Standing {
    return this.#told.get(user) ?? 'offline';
  }

  /** Whoever comes back at once was not away. */
  #isBriefly({ connections, goneAt }: Person): boolean {
    return connections.size === 0 && this.#options.now() - goneAt < limits.presenceMs;
  }

  #standingOf(person: Person): Standing {
    if (this.#isBriefly(person)) return this.#toldOf(person);
    const statuses = new Set(person.connections.values());
    if (statuses.has('online')) return 'online';
    return statuses.has('idle') ? 'idle' : 'offline';
  }
}
