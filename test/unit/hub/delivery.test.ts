import { expect, test } from 'vitest';
import { Delivery, fanOut } from '../../../src/hub/delivery.ts';
import type { Person } from '../../../src/hub/live/roster.ts';
import type { Subscription, SubscriptionState } from '../../../src/hub/subscription.ts';

const frame = Buffer.from('frame');

const subscriptionOf = (state: SubscriptionState, flowing = true) => {
  const written: Buffer[] = [];
  const subscriber = { flowing, write: (frames: Buffer) => written.push(frames) };
  return { subscription: { state, subscriber } as unknown as Subscription, written };
};

const behind = (end: { upTo: number; code: 'removed' } | undefined): SubscriptionState => ({
  ...{ name: 'behind', cursor: 0, announce: true, end },
});

test('a signal reaches those who listen, except one; it is dropped for slow sockets [W13]', () => {
  const delivery = new Delivery();
  const all = [
    subscriptionOf({ name: 'live' }),
    subscriptionOf(behind(undefined)),
    subscriptionOf(behind({ upTo: 3, code: 'removed' })),
    subscriptionOf({ name: 'opening', end: undefined }),
    subscriptionOf({ name: 'over' }),
    subscriptionOf({ name: 'live' }, false),
    subscriptionOf({ name: 'live' }),
  ];
  const subscriptions = all.map(({ subscription }) => subscription);
  delivery.signal(subscriptions, frame, subscriptions.at(-1));
  expect(all.map(({ written }) => written.length)).toEqual([1, 1, 0, 0, 0, 0, 0]);
  expect(delivery.dropped).toEqual({ activities: 0, signals: 1 });
});

test('an activity reaches the connections without a subscription, and is dropped first [W13]', () => {
  const delivery = new Delivery();
  const written: string[] = [];
  const listener = (name: string, calm: boolean, streams: readonly string[] = []) => ({
    subscriptions: new Map(streams.map((s) => [s, {}])),
    outlet: { calm, write: (bytes: Buffer) => written.push(`${name} ${bytes}`) },
  });
  const listeners = [listener('a', true), listener('b', true, ['s']), listener('c', false)];
  const connections = new Map(listeners.map((each) => [each, 'online']));
  const person = { user: 'ann', connections } as unknown as Person;
  delivery.activity([person], 's', (user) => Buffer.from(`for ${user}`));
  expect(written).toEqual(['a for ann']);
  expect(delivery.dropped).toEqual({ activities: 1, signals: 0 });
});

test('no frame is encoded if all recipients are slow', () => {
  const slow = subscriptionOf({ name: 'live' }, false);
  const [encoded, fallenBehind]: [unknown[], Subscription[]] = [[], []];
  fanOut([slow.subscription, subscriptionOf({ name: 'over' }).subscription], {
    isRecipient: ({ state }) => state.name === 'live',
    frameFor: (subscription) => {
      encoded.push(subscription);
      return frame;
    },
    onSlow: (subscription) => fallenBehind.push(subscription),
  });
  expect([encoded, fallenBehind]).toEqual([[], [slow.subscription]]);
});
