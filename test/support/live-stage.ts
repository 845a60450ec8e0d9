import { onTestFinished } from 'vitest';
import { kindOf } from '../../src/events/aggregate.ts';
import type { CircleId, ConnectionId, UserId } from '../../src/events/ids.ts';
import type { Recorded } from '../../src/events/log.ts';
import type { Position } from '../../src/events/position.ts';
import { Live } from '../../src/hub/live/live.ts';
import type { Listener } from '../../src/hub/live/roster.ts';
import type { Subscription } from '../../src/hub/subscription.ts';
import type { MembershipRow } from '../../src/projections/models/memberships.ts';
import { numbered } from './chatter.ts';
import { hubStage, type SeenFrame, Viewer } from './hub-stage.ts';

/** A frame of what passes. */
export type PassingFrame = SeenFrame & {
  readonly k?: string;
  readonly m?: number;
  readonly by?: string;
  readonly ttl?: number;
  readonly mention?: boolean;
  readonly d?: {
    readonly online?: string[];
    readonly idle?: string[];
    readonly offline?: string[];
    readonly s?: string;
    readonly m?: number;
  };
};

/** A socket of somebody's: a subscriber of the hub, and a listener to what passes. */
export class Device extends Viewer implements Listener {
  readonly id: ConnectionId;
  readonly subscriptions = new Map<string, Subscription>();
  /** Told of each frame that passes, when it is written. */
  onPassing: ((frame: PassingFrame) => void) | undefined;
  isCalm = true;

  constructor(user: number, index: number) {
    super(user);
    this.id = numbered(index) as ConnectionId;
  }

  get outlet(): Listener['outlet'] {
    const { isCalm: calm } = this;
    const write = (frame: Buffer): void => this.write(frame);
    return { calm, write, keep: (_subject, frame) => write(frame) };
  }

  override write(frames: Buffer): void {
    const before = this.frames.length;
    super.write(frames);
    for (const frame of this.frames.slice(before)) this.onPassing?.(frame as PassingFrame);
  }

  /** What passed, without events and answers. */
  get passed(): PassingFrame[] {
    return (this.frames as PassingFrame[]).filter(({ t }) => t === 'sig' || t === 'activity');
  }

  /** What passed since it was last asked. */
  news(): PassingFrame[] {
    const { passed } = this;
    this.buffers.splice(0);
    return passed;
  }
}

/** Memberships as the log has them up to a place: a read model that lags as far as the test wants. */
class Memberships {
  readonly rows = new Map<string, MembershipRow>();
  /** The circles that were deleted: the memberships of these stay. */
  readonly deleted = new Set<string>();
  readonly #records: Recorded[] = [];
  readonly #waiting: { readonly seq: number; readonly resolve: () => void }[] = [];
  applied = 0;
  /** Whether it follows the log at once. */
  isPrompt = true;

  take(recorded: Recorded): void {
    this.#records.push(recorded);
    if (this.isPrompt) this.apply(recorded.seq);
  }

  /** Shows everything up to a place, and tells those who waited for it. */
  apply(upTo = Number.POSITIVE_INFINITY): void {
    for (let next = this.#records[0]; next && next.seq <= upTo; next = this.#records[0]) {
      this.#records.shift();
      this.#project(next);
    }
    for (const waiter of this.#waiting.splice(0)) {
      if (waiter.seq <= this.applied) waiter.resolve();
      else this.#waiting.push(waiter);
    }
  }

  shown = ({ seq }: Position): Promise<void> =>
    seq <= this.applied
      ? Promise.resolve()
      : new Promise((resolve) => this.#waiting.push({ seq, resolve }));

  #project({ aggregate, commit, seq }: Recorded): void {
    this.applied = seq;
    if (kindOf(aggregate) !== 'circle') return;
    const circle = aggregate.slice('circle.'.length);
    for (const { k, d, at } of commit.events) {
      if (k === 'circle-deleted') this.deleted.add(circle);
      if (k !== 'member-joined' && k !== 'member-left' && k !== 'member-removed') continue;
      const { user } = d;
      const active = k === 'member-joined';
      const id = { _id: `${circle}/${user}`, circle, user, kind: 'circle' } as const;
      this.rows.set(id._id, { ...id, active, joinedAt: at, joinedSeq: seq });
    }
  }
}

/** What passes between people, on a hub on a log in memory, with a membership model that lags as the test says. */
export const liveStage = async (more: { readonly rateLimits?: boolean } = {}) => {
  const stage = await hubStage();
  const { hub, log, errors } = stage;
  const time = { ms: 1_700_000_000_000 };
  const memberships = new Memberships();
  const live = new Live({
    hub,
    partitions: 1,
    rateLimits: false,
    barrier: { waitUntilApplied: memberships.shown },
    models: {
      memberships: {
        ofUser: async (user: string) =>
          [...memberships.rows.values()].filter((row) => row.user === user && row.active),
      } as never,
      circles: {
        getMany: async (ids: readonly string[]) =>
          new Map(ids.filter((id) => !memberships.deleted.has(id)).map((id) => [id, {}])),
      } as never,
    },
    monotonic: () => time.ms,
    onError: (error) => errors.push(error),
    ...more,
  });
  hub.listen((recorded) => {
    live.onCommit(recorded);
    memberships.take(recorded);
  });
  onTestFinished(() => live.stop());

  let devices = 0;
  /** A device of somebody's that has said hello. */
  const connect = async (user: number): Promise<Device> => {
    const device = new Device(user, ++devices);
    await live.expect(numbered(user) as UserId);
    live.admit(device, device.user);
    return device;
  };

  /** Has a device follow an event stream. */
  const follow = async (device: Device, s: string): Promise<void> => {
    const subscription = await stage.watch(device, s);
    device.subscriptions.set(s, subscription);
  };

  /** Time passes, and circles are told who came and went. */
  const tick = (ms = 2000): void => {
    time.ms += ms;
    live.tick();
  };

  const leave = (device: Device): void => live.leave(device, device.user);
  const say = (device: Device, status: 'online' | 'idle'): void =>
    live.signal(device, device.user, { t: 'sig', s: 'me', k: 'presence', d: { status } });
  const type = (device: Device, s: string): void =>
    live.signal(device, device.user, { t: 'sig', s, k: 'typing' });
  const presenceOf = (circle: string) => live.presenceOf(circle as CircleId);
  return {
    ...{ log, hub, live, errors, time, memberships },
    ...{ connect, follow, leave, say, type, tick, presenceOf },
  };
};
