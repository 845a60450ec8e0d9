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
import type { Topic } from '../topic.ts';
import type { OtherNodes } from './other-nodes.ts';
import type { Listener, Roster } from './roster.ts';

export type SignalsOptions = {
  readonly roster: Roster;
  readonly hub: Pick<Hub, 'watchedTopic'>;
  /** Whether signals have a rate. */
  readonly rateLimits: boolean;
  /** A monotonic clock, in ms. */
  readonly monotonic: () => number;
  readonly delivery: Delivery;
  readonly nodes: Pick<OtherNodes, 'send' | 'hear'>;
};

/** A user is typing in a stream. */
type Typing = { readonly user: UserId; readonly s: string };

/**
 * Signals between users, which are not stored (W17): who is typing, and what a user has read on another connection. They
 * are sent to the other nodes if these have recipients. Every node applies the rates to what it delivers.
 */
export class Signals {
  readonly #options: SignalsOptions;
  readonly #memberRates: Buckets;
  readonly #streamRates: Buckets;

  constructor(options: SignalsOptions) {
    this.#options = options;
    const { monotonic: now, nodes } = options;
    const rate = (burst: number, perSecond: number) =>
      new Buckets({ burst, everyMs: 1000 / perSecond, now });
    this.#memberRates = rate(limits.typingPerMemberBurst, limits.typingPerMemberPerSecond);
    this.#streamRates = rate(limits.typingBurst, limits.typingPerSecond);
    nodes.hear<Typing>('typing', (typing) => this.#typingElsewhere(typing));
    nodes.hear<MarkerMoved>('read', (moved) => this.read(moved));
  }

  /** Notifies the subscribers of a stream that a user is typing in it, if the user may read it. */
  typing(user: UserId, from: Listener, s: string): void {
    const { roster, nodes } = this.#options;
    const topic = this.#topic(s);
    const isElsewhere = roster.membersElsewhere(parseStreamPath(s).circle).size > 0;
    if (!(topic || isElsewhere) || !this.#mayType({ user, s })) return;
    if (topic) this.#deliver(topic, { user, s }, from);
    if (isElsewhere) nodes.send('typing', { user, s } satisfies Typing);
  }

  /** The same for a user of another node, which has sent it to all nodes. */
  #typingElsewhere(typing: Typing): void {
    const topic = this.#topic(typing.s);
    if (topic && this.#mayType(typing)) this.#deliver(topic, typing);
  }

  #topic(s: string): Topic | undefined {
    const { circle, stream } = parseStreamPath(s);
    return this.#options.hub.watchedTopic(streamAggregate(circle, stream));
  }

  #deliver({ subscriptions }: Topic, { user, s }: Typing, from?: Listener): void {
    const signal = { t: 'sig', s, k: 'typing', by: user, ttl: limits.typingMs };
    const frame = textFrame(JSON.stringify(signal));
    this.#options.delivery.signal(subscriptions, frame, from?.subscriptions.get(s));
  }

  #mayType({ user, s }: Typing): boolean {
    const { circle } = parseStreamPath(s);
    const isMember = this.#options.roster.person(user)?.circles.has(circle) === true;
    return isMember && !this.#isTooMuch(user, s);
  }

  /** Takes one from the rate of the member in this stream and one from that of the stream, or neither. */
  #isTooMuch(user: UserId, s: string): boolean {
    const member = `${user} ${s}`;
    if (!this.#options.rateLimits) return false;
    if (this.#memberRates.wait(member) > 0 || this.#streamRates.take(s) > 0) return true;
    this.#memberRates.take(member);
    return false;
  }

  /** Notifies a user's other connections of a marker that this node has moved. */
  moved(moved: MarkerMoved): void {
    const { roster, nodes } = this.#options;
    this.read(moved);
    if (roster.person(moved.user)?.isElsewhere) nodes.send('read', moved);
  }

  /** Notifies a user's other connections to this node that subscribe to `me` of the new read marker. */
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
