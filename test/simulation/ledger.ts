import type { LoggedEvent } from '../../src/events/commit.ts';
import type { Recorded } from '../../src/events/log.ts';
import type { MemoryLog } from '../contract/doubles/memory-log.ts';

/** Something that must never be. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** The promise that was broken. */
  readonly promise: string;

  constructor(promise: string, details: string) {
    super(`${promise}: ${details}`);
    this.promise = promise;
  }
}

/** An event of a stream or circle, and its place among all events of its circle. */
type Entry = { readonly n: number; readonly event: LoggedEvent; readonly place: number };

/** Memberships of one user in one circle: joined at the first place, and no member from the second one on. */
type Stay = { readonly from: number; until: number };

/** A message as the events up to some number have left it. */
export type Told = { readonly id: string; readonly m: number; readonly text: string | undefined };

/** An event as a client receives it. */
export type WireEvent = {
  readonly n: number;
  readonly k: string;
  readonly by: string;
  readonly at: number;
  readonly d: { readonly id?: string };
};

/** The name of an aggregate's event stream on the wire. */
const streamNameOf = (aggregate: string): string => {
  const [kind, first = '', second = ''] = aggregate.split('.');
  if (kind === 'stream') return `${first}/${second}`;
  return kind === 'user' ? `me of ${first}` : first;
};

/** What the log holds, from its own records: what all that clients are told is compared with. */
export class Ledger {
  /** Called with what the log itself must not hold. */
  readonly #onViolation: (violation: Violation) => void;
  readonly #streams = new Map<string, Entry[]>();
  readonly #stays = new Map<string, Stay[]>();
  readonly #posts = new Map<string, { readonly s: string; readonly n: number }>();
  /** The number of the last message, by stream. */
  readonly #numbers = new Map<string, number>();
  /** Commits by the key of their command. */
  readonly #keys = new Map<string, string>();
  #places = 0;

  constructor(onViolation: (violation: Violation) => void) {
    this.#onViolation = onViolation;
  }

  async follow(log: MemoryLog): Promise<void> {
    for (let partition = 0; partition < log.info.partitions; partition++) {
      for await (const batch of log.scan(partition)) {
        for (const recorded of batch) this.#record(recorded);
      }
      await log.live(partition, (recorded) => this.#record(recorded));
    }
  }

  lengthOf(s: string): number {
    return this.#streams.get(s)?.length ?? 0;
  }

  isRecorded(message: string): boolean {
    return this.#posts.has(message);
  }

  isKeyRecorded(key: string): boolean {
    return this.#keys.has(key);
  }

  isMember(circle: string, user: string, place = this.#places): boolean {
    const stays = this.#stays.get(`${circle}/${user}`) ?? [];
    return stays.some(({ from, until }) => from <= place && place < until);
  }

  /** Whether it is recorded with a user that they are in a circle, which follows from what the circle has recorded. */
  isRecordedAsMember(circle: string, user: string): boolean {
    const own = this.#streams.get(`me of ${user}`) ?? [];
    const last = own.findLast(
      ({ event: { k, d } }) =>
        (k === 'circle-joined' || k === 'circle-left') && d.circle === circle,
    );
    return last?.event.k === 'circle-joined';
  }

  /** The messages of a stream after its event `n`, in order. */
  messagesAt(s: string, n: number): Told[] {
    const messages = new Map<string, Told>();
    for (const { event } of (this.#streams.get(s) ?? []).slice(0, n)) {
      if (event.k === 'message-posted') {
        const { id, m, text } = event.d;
        messages.set(id, { id, m, text });
      } else if (event.k === 'message-edited' || event.k === 'message-deleted') {
        const before = messages.get(event.d.id);
        const text = event.k === 'message-edited' ? event.d.text : undefined;
        if (before) messages.set(before.id, { ...before, text });
      }
    }
    return [...messages.values()];
  }

  /** An accepted post must be in the log, as it was answered. */
  checkPosted(s: string, { id, n, m }: { id: string; n: number; m: number }): void {
    const entry = this.#streams.get(s)?.[n - 1];
    const d = entry?.event.k === 'message-posted' ? entry.event.d : undefined;
    if (d?.id === id && d.m === m) return;
    throw new Violation('an accepted post is in the log', `${id} as event ${n} of ${s}`);
  }

  /** An event that a user was sent must be the one in the log, and one that they may read. */
  checkSent(s: string, user: string, sent: WireEvent): void {
    const entry = this.#streams.get(s)?.[sent.n - 1];
    const isSame =
      entry !== undefined &&
      entry.event.k === sent.k &&
      entry.event.by === sent.by &&
      entry.event.at === sent.at &&
      (sent.d.id === undefined || ('id' in entry.event.d && entry.event.d.id === sent.d.id));
    if (!isSame) throw new Violation('what is sent is in the log', `event ${sent.n} of ${s}`);
    const circle = s.split('/', 1).join();
    // A member may read what happened before they joined, or joined again.
    const stays = this.#stays.get(`${circle}/${user}`) ?? [];
    if (s.startsWith('me of ') || stays.some(({ until }) => entry.place < until)) return;
    throw new Violation('only members are sent events', `${user} event ${sent.n} of ${s}`);
  }

  #record({ aggregate, commit }: Recorded): void {
    const s = streamNameOf(aggregate);
    const entries = this.#streams.get(s) ?? [];
    this.#streams.set(s, entries);
    for (const event of commit.events) {
      const entry = { n: entries.length + 1, event, place: ++this.#places };
      entries.push(entry);
      this.#check(s, aggregate, entry);
    }
    for (const key of new Set(commit.events.flatMap(({ cmd }) => cmd ?? []))) {
      const before = this.#keys.get(key);
      // A creation has no key of its own; the events that follow from a command elsewhere have it as well.
      if (before === aggregate)
        this.#onViolation(new Violation('a command is performed once', key));
      this.#keys.set(key, aggregate);
    }
  }

  #check(s: string, aggregate: string, { n, event, place }: Entry): void {
    const circle = s.split('/', 1).join();
    if (event.k === 'circle-created') this.#joined(`${circle}/${event.by}`, place);
    else if (event.k === 'member-joined') this.#joined(`${circle}/${event.d.user}`, place);
    else if (event.k === 'member-left') this.#left(`${circle}/${event.d.user}`, place);
    else if (event.k === 'message-posted') this.#posted({ s, aggregate, n, place, event });
  }

  #joined(name: string, from: number): void {
    const stays = this.#stays.get(name) ?? [];
    this.#stays.set(name, [...stays, { from, until: Number.POSITIVE_INFINITY }]);
  }

  /** They are sent no event from the one on by which they have left. */
  #left(name: string, until: number): void {
    const stay = this.#stays.get(name)?.at(-1);
    if (stay) stay.until = Math.min(stay.until, until);
  }

  #posted({ s, aggregate, n, place, event }: Post): void {
    const { id, m } = event.d;
    const report = (promise: string, details: string): void =>
      this.#onViolation(new Violation(promise, details));
    if (this.#posts.has(id)) report('a message is posted once', `${id} in ${s}`);
    this.#posts.set(id, { s, n });
    if (m !== (this.#numbers.get(s) ?? 0) + 1)
      report('messages are numbered densely', `${m} of ${s}`);
    this.#numbers.set(s, m);
    const circle = s.split('/', 1).join();
    if (!this.isMember(circle, event.by, place))
      report('only members post', `${event.by} in ${aggregate}`);
  }
}

/** A message in the log. */
type Post = Omit<Entry, 'event'> & {
  readonly s: string;
  readonly aggregate: string;
  readonly event: LoggedEvent & { readonly k: 'message-posted' };
};
