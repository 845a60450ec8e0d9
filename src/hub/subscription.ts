import type { Aggregate } from '../events/aggregate.ts';
import type { UserId } from '../events/ids.ts';
import type { Ring } from './ring.ts';
import type { Audience } from './wire.ts';

/** A socket, as seen by the hub. */
export interface Subscriber {
  /** Whether the socket accepts more data now; false while too much waits in its buffer. */
  readonly flowing: boolean;
  /** Writes bytes that are whole frames. */
  write(frames: Buffer): void;
  /** Resolves when the socket accepts data again, or is closed. */
  drained(): Promise<void>;
  /** Called when the hub has ended a subscription. */
  ended(subscription: Subscription): void;
}

/** The topic of an event stream, as seen by its subscriptions. */
export interface Feed {
  readonly aggregate: Aggregate;
  /** The number of the newest event. */
  readonly head: number;
  readonly ring: Ring;
  readonly subscriptions: Set<Subscription>;
  /** Sends unsent events to live subscriptions. */
  flush(): void;
  /** Starts an opening subscription with the event after the cursor. */
  follow(subscription: Subscription, cursor: number): void;
  /** Ends a subscription after all events up to now. */
  end(subscription: Subscription, code: EndCode): void;
  /** Removes a subscription without notifying the subscriber. */
  drop(subscription: Subscription): void;
}

export type EndCode = 'removed' | 'deleted';

/** The subscription ends after this event. */
export type SubscriptionEnd = { readonly upTo: number; readonly code: EndCode };

/** Reads events from the ring or the log until it reaches the head. */
export type CatchingUp = {
  readonly name: 'behind';
  /** The number of the last event that was sent. */
  cursor: number;
  /** Whether the client is sent `live` when it has caught up. */
  readonly announce: boolean;
  end: SubscriptionEnd | undefined;
};

/**
 * The state of a subscription. `opening`: access is checked, and a snapshot may be read. `live`: the subscriber has
 * received every event that the topic has flushed.
 */
export type SubscriptionState =
  | { readonly name: 'opening'; end: SubscriptionEnd | undefined }
  | CatchingUp
  | { readonly name: 'live' }
  | { readonly name: 'over' };

/** One socket's position in one event stream. */
export type Subscription = {
  readonly topic: Feed;
  readonly subscriber: Subscriber;
  readonly user: UserId;
  /** The name of the event stream on the wire. */
  readonly s: string;
  readonly audience: Audience;
  state: SubscriptionState;
};

/** Whether a subscription receives signals: it has been opened, and is not about to end. */
export const isListening = ({ state }: Subscription): boolean =>
  state.name === 'live' || (state.name === 'behind' && state.end === undefined);
