import type { Aggregate } from '../events/aggregate.ts';
import type { UserId } from '../events/ids.ts';
import type { Ring } from './ring.ts';
import type { Audience } from './wire.ts';

/** A socket as the hub sees it. */
export interface Subscriber {
  readonly user: UserId;
  /** Whether it takes what is written now, or lets it wait. */
  readonly flowing: boolean;
  /** Writes bytes that are whole frames. */
  write(frames: Buffer): void;
  /** Resolves when it flows again, or is gone. */
  drained(): Promise<void>;
  /** Told when the hub has ended a subscription by itself. */
  ended(subscription: Subscription): void;
}

/** The topic of an event stream, as its subscriptions use it. */
export interface Feed {
  readonly aggregate: Aggregate;
  /** The number of the newest event. */
  readonly head: number;
  /** The newest events. */
  readonly ring: Ring;
  readonly subscriptions: Set<Subscription>;
  /** Sends live subscriptions what they have not been sent yet. */
  flush(): void;
  /** Begins to send to a subscription what comes after its cursor. */
  follow(subscription: Subscription): void;
  /** Ends a subscription after the events so far. */
  end(subscription: Subscription, code: EndCode): void;
  /** Ends a subscription now. */
  drop(subscription: Subscription): void;
}

/** Why a subscription ends without having been asked to. */
export type EndCode = 'removed' | 'deleted';

/**
 * One socket's place in one event stream. `opening`: its rights and its beginning are being found out. `behind`:
 * a reader of the ring or the log that will catch up. `live`: at the point up to which the topic was flushed.
 */
export type Subscription = {
  readonly topic: Feed;
  readonly subscriber: Subscriber;
  /** The name of the event stream as the client knows it. */
  readonly s: string;
  readonly audience: Audience;
  state: 'opening' | 'behind' | 'live' | 'over';
  /** The number of the last event that was sent; of no meaning while live. */
  cursor: number;
  /** Whether the client waits for `live`. */
  announce: boolean;
  /** It ends after this event. */
  end: { readonly upTo: number; readonly code: EndCode } | undefined;
};

/** Whether what passes is told to a subscription: it has begun, and is not about to end. */
export const isListening = ({ state, end }: Subscription): boolean =>
  (state === 'live' || state === 'behind') && end === undefined;
