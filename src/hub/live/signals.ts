import { Buckets } from '../../app/limits/buckets.ts';
import { limits } from '../../app/limits/limits.ts';
import type { MarkerMoved } from '../../app/operations/operation.ts';
import { streamAggregate } from '../../events/aggregate.ts';
import type { UserId } from '../../events/ids.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';
import { isListening } from '../subscription.ts';
import type { Listener, Roster } from './roster.ts';

export type SignalsOptions = {
  readonly roster: Roster;
  readonly hub: Pick<Hub, 'watchedTopic'>;
  /** Whether signals have a rate. */
  readonly rateLimits: boolean;
  /** A clock that only goes forward, in ms. */
  readonly monotonic: () => number;
  /** Told how many sockets were too slow to be told something. */
  readonly onDropped: (count: number) => void;
};

/** What passes between people and is not kept (W17): who writes, and what somebody has read elsewhere. */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #memberRates: Buckets;
  readonly #streamRates: Buckets;

  constructor(options: SignalsOptions) {
    this.#options = options;
    const { monotonic: now } = options;
    const rate = (burst: number, perSecond: number) =>
      new Buckets({ burst, everyMs: 1000 / perSecond, now });
    this.#memberRates = rate(limits.typingPerMemberBurst, limits.typingPerMemberPerSecond);
    this.#streamRates = rate(limits.typingBurst, limits.typingPerSecond);
  }

  /** Tells those who follow a stream that somebody writes in it, if they may read it. */
  typing(user: UserId, from: Listener, s: string): void {
    const { roster, hub, onDropped } = this.#options;
    const { circle, stream } = parseStreamPath(s);
    if (!roster.person(user)?.circles.has(circle)) return;
    const topic = hub.watchedTopic(streamAggregate(circle, stream));
    if (!topic || this.#isTooMuch(user, s)) return;
    const told = { t: 'sig', s, k: 'typing', by: user, ttl: limits.typingMs };
    const frame = textFrame(JSON.stringify(told));
    let dropped = 0;
    for (const subscription of topic.subscriptions) {
      const isTheirs = from.subscriptions.get(s) === subscription;
      if (isTheirs || !isListening(subscription)) continue;
      if (subscription.subscriber.flowing) subscription.subscriber.write(frame);
      else dropped++;
    }
    if (dropped > 0) onDropped(dropped);
  }

  /** Takes one of a member's own rate in a stream and one of that of all its members, or neither. */
  #isTooMuch(user: UserId, s: string): boolean {
    const member = `${user} ${s}`;
    if (!this.#options.rateLimits) return false;
    if (this.#memberRates.wait(member) > 0 || this.#streamRates.take(s) > 0) return true;
    this.#memberRates.take(member);
    return false;
  }

  /** Tells somebody's other connections that follow `me` up to where they have read. */
  read({ user, s, m, conn }: MarkerMoved): void {
    const connections = this.#options.roster.person(user)?.connections.keys() ?? [];
    // Most people have one connection, and this happens at each post: nothing is encoded for nobody.
    let frame: Buffer | undefined;
    for (const { id, subscriptions, outlet } of connections) {
      const me = subscriptions.get('me');
      if (id === conn || !me || !isListening(me)) continue;
      frame ??= textFrame(JSON.stringify({ t: 'sig', s: 'me', k: 'read', d: { s, m } }));
      outlet.keep(s, frame);
    }
  }
}
