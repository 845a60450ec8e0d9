import { Buckets } from '../../app/limits/buckets.ts';
import { limits } from '../../app/limits/limits.ts';
import type { MarkerMoved } from '../../app/operations/operation.ts';
import { streamAggregate } from '../../events/aggregate.ts';
import type { UserId } from '../../events/ids.ts';
import { parseStreamPath } from '../../events/stream-path.ts';
import type { Delivery } from '../delivery.ts';
import { textFrame } from '../frame.ts';
import type { Hub } from '../hub.ts';
import { isListening } from '../subscription.ts';
import type { Listener, Roster } from './roster.ts';

export type SignalsOptions = {
  readonly roster: Roster;
  readonly hub: Pick<Hub, 'watchedTopic'>;
  /** Whether signals have a rate. */
  readonly rateLimits: boolean;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  readonly delivery: Delivery;
};

/** Signals between users, which are not stored (W17): who is typing, and what a user has read on another connection. */
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

  /** Notifies the subscribers of a stream that a user is typing in it, if the user may read it. */
  typing(user: UserId, from: Listener, s: string): void {
    const { roster, hub, delivery } = this.#options;
    const { circle, stream } = parseStreamPath(s);
    if (!roster.person(user)?.circles.has(circle)) return;
    const topic = hub.watchedTopic(streamAggregate(circle, stream));
    if (!topic || this.#isTooMuch(user, s)) return;
    const signal = { t: 'sig', s, k: 'typing', by: user, ttl: limits.typingMs };
    const frame = textFrame(JSON.stringify(signal));
    delivery.signal(topic.subscriptions, frame, from.subscriptions.get(s));
  }

  /** Takes one from the rate of the member in this stream and one from that of the stream, or neither. */
  #isTooMuch(user: UserId, s: string): boolean {
    const member = `${user} ${s}`;
    if (!this.#options.rateLimits) return false;
    if (this.#memberRates.wait(member) > 0 || this.#streamRates.take(s) > 0) return true;
    this.#memberRates.take(member);
    return false;
  }

  /** Notifies a user's other connections that subscribe to `me` of the new read marker. */
  read({ user, s, m, conn }: MarkerMoved): void {
    const connections = this.#options.roster.person(user)?.connections.keys() ?? [];
    // Most users have one connection, and this runs for each post: the frame is encoded only if there is a recipient.
    let frame: Buffer | undefined;
    for (const { id, subscriptions, outlet } of connections) {
      const me = subscriptions.get('me');
      if (id === conn || !me || !isListening(me)) continue;
      frame ??= textFrame(JSON.stringify({ t: 'sig', s: 'me', k: 'read', d: { s, m } }));
      outlet.keep(s, frame);
    }
  }
}
