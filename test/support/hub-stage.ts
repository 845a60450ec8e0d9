import { onTestFinished } from 'vitest';
import {
  type Aggregate,
  circleAggregate,
  streamAggregate,
  userAggregate,
} from '../../src/events/aggregate.ts';
import type { CircleId, StreamId, UserId } from '../../src/events/ids.ts';
import type { EventLog } from '../../src/events/log.ts';
import { Hub } from '../../src/hub/hub.ts';
import type { Subscriber, Subscription } from '../../src/hub/subscription.ts';
import { numbered } from './chatter.ts';
import { type MemoryLog, memoryLog } from './memory-log.ts';
import { received } from './received.ts';

/** A frame as a client sees it. */
export type SeenFrame = {
  readonly t: string;
  readonly s: string;
  readonly n?: number;
  readonly code?: string;
  readonly e?: readonly { readonly n: number; readonly k: string; readonly d: object }[];
};

/** A socket that takes what is written, or lets it wait, as the test says. */
export class Viewer implements Subscriber {
  readonly user: UserId;
  flowing = true;
  readonly buffers: Buffer[] = [];
  readonly ends: Subscription[] = [];
  #waiting: (() => void)[] = [];

  constructor(user: number) {
    this.user = numbered(user) as UserId;
  }

  write(frames: Buffer): void {
    this.buffers.push(frames);
  }

  drained(): Promise<void> {
    if (this.flowing) return new Promise((resolve) => setImmediate(resolve));
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  ended(subscription: Subscription): void {
    this.ends.push(subscription);
  }

  stall(): void {
    this.flowing = false;
  }

  flow(): void {
    this.flowing = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  get frames(): SeenFrame[] {
    return this.buffers.flatMap(received).map((text) => JSON.parse(text) as SeenFrame);
  }

  /** The numbers of all events of one event stream that it was sent, in the order in which they came. */
  numbers(s: string): number[] {
    return this.frames
      .filter((frame) => frame.s === s)
      .flatMap(({ e = [] }) => e.map(({ n }) => n));
  }

  /** What it was sent of one event stream in short: `1`, `2` for events, `live 2`, `end removed`. */
  story(s: string): string[] {
    return this.frames
      .filter((frame) => frame.s === s)
      .flatMap(({ t, n, code, e = [] }) =>
        t === 'events' ? e.map((event) => `${event.n}`) : `${t} ${n ?? code}`,
      );
  }
}

export type SubscribeOptions = Partial<Pick<Subscription, 'audience'>> & {
  readonly after?: number;
};

const target = (s: string, user: UserId): Aggregate => {
  if (s === 'me') return userAggregate(user);
  const [circle = '', stream] = s.split('/');
  if (stream === undefined) return circleAggregate(circle as CircleId);
  return streamAggregate(circle as CircleId, stream as StreamId);
};

/** A hub on a log in memory. `change` is what the hub sees of the log, if that is not the log as it is. */
export const hubStage = async (
  change: (log: MemoryLog) => EventLog = (log) => log,
  options: { readonly partitions?: number } = {},
) => {
  const log = memoryLog(options);
  const [errors, closed]: [Error[], string[]] = [[], []];
  const places: number[] = [];
  const hub = new Hub({
    log: change(log),
    findPosition: async (_aggregate, after) => {
      places.push(after);
      return 0;
    },
    onSessionClosed: (session, user) => closed.push(`${session} of ${user}`),
    onError: (error) => errors.push(error),
  });
  await hub.start();
  onTestFinished(() => hub.stop());

  /** Adds a subscription that is still opening. */
  const open = (
    subscriber: Viewer,
    s: string,
    { audience = 'members' }: SubscribeOptions = {},
  ): Promise<Subscription> =>
    hub.watch(target(s, subscriber.user), (topic) => ({
      ...{ topic, subscriber, s, audience },
      state: { name: 'opening', end: undefined },
    }));

  /** Subscribes as a socket does, after an event. */
  const watch = async (
    subscriber: Viewer,
    s: string,
    options: SubscribeOptions = {},
  ): Promise<Subscription> => {
    const subscription = await open(subscriber, s, options);
    subscription.topic.follow(subscription, options.after ?? 0);
    return subscription;
  };

  return { hub, log, errors, closed, places, open, watch };
};
