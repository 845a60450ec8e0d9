import type { Person } from './live/roster.ts';
import { isListening, type Subscription } from './subscription.ts';

export type FanOut = {
  readonly isRecipient: (subscription: Subscription) => boolean;
  readonly frameFor: (subscription: Subscription) => Buffer;
  /** Called instead of writing when the recipient's socket does not accept more data. */
  readonly onSlow: (subscription: Subscription) => void;
};

export const fanOut = (
  subscriptions: Iterable<Subscription>,
  { isRecipient, frameFor, onSlow }: FanOut,
): void => {
  for (const subscription of subscriptions) {
    if (!isRecipient(subscription)) continue;
    const { subscriber } = subscription;
    if (subscriber.flowing) subscriber.write(frameFor(subscription));
    else onSlow(subscription);
  }
};

/**
 * Delivers frames that may be lost, with the drop policy of slow sockets (W13): `activity` is dropped first, then `sig`.
 * Events are never dropped: a slow subscription reads them from the log (`Topic`). Of `read` signals the newest is kept
 * (`Outlet.keep`).
 */
export class Delivery {
  /** Frames that were dropped, for the metrics. */
  readonly dropped = { activities: 0, signals: 0 };

  /** Sends a signal to the subscribers of an event stream, except one. */
  signal(subscriptions: Iterable<Subscription>, frame: Buffer, except?: Subscription): void {
    fanOut(subscriptions, {
      isRecipient: (subscription) => subscription !== except && isListening(subscription),
      frameFor: () => frame,
      onSlow: () => {
        this.dropped.signals++;
      },
    });
  }

  /** Sends an activity to those connections of members that do not subscribe to the stream `s`. */
  activity(members: Iterable<Person>, s: string, frameFor: (user: string) => Buffer): void {
    for (const { user, connections } of members) {
      const frame = frameFor(user);
      for (const { subscriptions, outlet } of connections.keys()) {
        if (subscriptions.has(s)) continue;
        if (outlet.calm) outlet.write(frame);
        else this.dropped.activities++;
      }
    }
  }
}
