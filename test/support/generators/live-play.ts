import { expect } from 'vitest';
import type { LoggedEvent } from '../../../src/events/commit.ts';
import type { UserId } from '../../../src/events/ids.ts';
import { settle } from '../doubles/virtual-time.ts';
import { Device, type liveStage, type PassingFrame } from '../fixtures/live-stage.ts';
import { circleNumber, numbered, stamped, streamNumber } from './chatter.ts';

/** The circle of the play and its stream. */
export const circle = numbered(1);
export const stream = `${circle}/${circle}`;

/** What may happen. `who` is one of three people, `at` one of their devices. */
export type LiveStep =
  | { readonly does: 'post'; readonly who: number; readonly mentions: readonly number[] }
  | { readonly does: 'join' | 'remove' | 'connect'; readonly who: number }
  | { readonly does: 'cut' | 'type' | 'idle' | 'online'; readonly at: number }
  | { readonly does: 'follow' | 'unfollow'; readonly at: number; readonly s: string }
  | { readonly does: 'lag' | 'apply' | 'second' | 'tick' | 'turn' | 'look' };

/** What one who follows the circle believes of who is there: what they were shown, and the changes since. */
type Belief = Map<string, 'online' | 'idle'>;

/**
 * Lets things happen to people in a circle, and checks each frame that passes when it is written: whoever gets it, and
 * whoever it is about, is a member by what the hub has heard.
 */
export class LivePlay {
  readonly devices: Device[] = [];
  readonly beliefs = new Map<Device, Belief>();
  readonly told = new Map<Device, number>();
  readonly members = new Set<string>();
  m = 0;
  readonly #stage: Awaited<ReturnType<typeof liveStage>>;
  readonly #advance: (ms: number) => void;
  #count = 0;

  constructor(stage: Awaited<ReturnType<typeof liveStage>>, advance: (ms: number) => void) {
    this.#stage = stage;
    this.#advance = advance;
    stage.hub.listen((recorded) => {
      for (const event of recorded.commit.events) this.#hear(event);
      stage.live.onCommit(recorded);
      stage.memberships.take(recorded);
    });
  }

  async happen(step: LiveStep): Promise<void> {
    if ('at' in step) return this.#touch(step);
    if ('who' in step) return this.#act(step);
    const { memberships, tick, presenceOf } = this.#stage;
    if (step.does === 'lag') memberships.isPrompt = false;
    if (step.does === 'apply') memberships.apply();
    if (step.does === 'second') this.#second();
    if (step.does === 'tick') tick();
    if (step.does === 'turn') await settle();
    if (step.does === 'look') presenceOf(circle);
  }

  /** Lets everything be known and told. */
  async finish(): Promise<void> {
    const { memberships, tick } = this.#stage;
    memberships.isPrompt = true;
    memberships.apply();
    await settle();
    for (let ticks = 0; ticks < 3; ticks++) tick();
    await settle();
    for (let ticks = 0; ticks < 3; ticks++) tick();
    this.#second();
  }

  post(who: number, mentions: readonly number[] = []): void {
    const m = ++this.m;
    const d = { id: numbered(m), m, text: 'hello', mentions: mentions.map(numbered) };
    const by = numbered(who);
    const event = { ...stamped('message-posted', d), by } as LoggedEvent;
    this.#stage.log.record(streamNumber(1), [event]);
  }

  #second(): void {
    this.#stage.time.ms += 1000;
    this.#advance(1000);
  }

  #act(step: Extract<LiveStep, { who: number }>): void {
    const user = numbered(step.who);
    const { log } = this.#stage;
    if (step.does === 'post') {
      this.post(step.who, step.mentions);
      return;
    }
    if (step.does === 'connect') {
      this.#connect(step.who);
      return;
    }
    const kind = step.does === 'join' ? 'member-joined' : 'member-removed';
    if (this.members.has(user) === (step.does === 'join')) return;
    log.record(circleNumber(1), [stamped(kind, { user })]);
  }

  async #touch(step: Extract<LiveStep, { at: number }>): Promise<void> {
    const device = this.devices[step.at % Math.max(1, this.devices.length)];
    if (!device) return;
    const { leave, say, type } = this.#stage;
    if (step.does === 'cut') this.#cut(device, leave);
    else if (step.does === 'type') type(device, stream);
    else if (step.does === 'follow') await this.#follow(device, step.s);
    else if (step.does === 'unfollow') this.#unfollow(device, step.s);
    else say(device, step.does);
  }

  #connect(who: number): void {
    const device = new Device(who, ++this.#count);
    device.onPassing = (frame) => this.#check(device, frame);
    this.devices.push(device);
    void this.#stage.live.expect(numbered(who) as UserId);
    this.#stage.live.admit(device, device.user);
  }

  #cut(device: Device, leave: (device: Device) => void): void {
    for (const s of [...device.subscriptions.keys()]) this.#unfollow(device, s);
    this.devices.splice(this.devices.indexOf(device), 1);
    leave(device);
  }

  async #follow(device: Device, s: string): Promise<void> {
    if (!this.members.has(device.user)) return;
    this.#unfollow(device, s);
    await this.#stage.follow(device, s);
    if (s !== circle) return;
    const { online, idle } = this.#stage.presenceOf(circle);
    const belief: Belief = new Map();
    for (const user of online) belief.set(user, 'online');
    for (const user of idle) belief.set(user, 'idle');
    this.beliefs.set(device, belief);
  }

  #unfollow(device: Device, s: string): void {
    const subscription = device.subscriptions.get(s);
    subscription?.topic.drop(subscription);
    device.subscriptions.delete(s);
    if (s === circle) this.beliefs.delete(device);
  }

  #hear({ k, d }: LoggedEvent): void {
    if (k === 'member-joined') this.members.add(d.user);
    if (k !== 'member-removed') return;
    this.members.delete(d.user);
    for (const device of this.devices) if (device.user === d.user) this.#lose(device);
  }

  #lose(device: Device): void {
    device.subscriptions.clear();
    this.beliefs.delete(device);
  }

  #check(device: Device, frame: PassingFrame): void {
    const { t, s, k, m = 0, by, d } = frame;
    if (t !== 'activity' && t !== 'sig') return;
    expect(this.devices, 'a socket that is gone').toContain(device);
    expect(this.members, `${t} ${k} to somebody outside`).toContain(device.user);
    if (t === 'activity') {
      expect(device.subscriptions.has(s)).toBe(false);
      this.told.set(device, m);
    } else if (k === 'typing') {
      expect(this.members, 'typing of somebody outside').toContain(by);
    } else if (k === 'presence') {
      this.#believe(device, d ?? {});
    }
  }

  #believe(device: Device, d: NonNullable<PassingFrame['d']>): void {
    const belief = this.beliefs.get(device) ?? new Map();
    for (const state of ['online', 'idle', 'offline'] as const) {
      for (const user of d[state] ?? []) {
        expect(this.members, 'presence of somebody outside').toContain(user);
        if (state === 'offline') belief.delete(user);
        else belief.set(user, state);
      }
    }
  }
}
