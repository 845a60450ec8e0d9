import type { LoggedEvent } from '../../../src/events/commit.ts';
import type { Subscription } from '../../../src/hub/subscription.ts';
import { until } from '../../contract/doubles/hand-log.ts';
import { settle } from '../doubles/virtual-time.ts';
import { type hubStage, Viewer } from '../fixtures/hub-stage.ts';
import { circleNumber, numbered, posted, stamped, streamNumber } from './chatter.ts';

const circle = numbered(1);
const stream = `${circle}/${circle}`;

/** The event streams of the play: a circle and its stream. */
export const names = [circle, stream] as const;
export type Name = (typeof names)[number];

/** What may happen: `who` is one of three viewers, `back` how far before the newest event one subscribes. */
export type Step =
  | { readonly does: 'post'; readonly times: number }
  | { readonly does: 'rename' | 'turn' | 'tick' }
  | { readonly does: 'stall' | 'flow' | 'remove' | 'join'; readonly who: number }
  | { readonly does: 'unsub'; readonly who: number; readonly s: Name }
  | { readonly does: 'sub'; readonly who: number; readonly s: Name; readonly back: number };

/** A subscription, what its viewer was written while it was there, and what should have been. */
export type Watched = {
  readonly viewer: Viewer;
  readonly subscription: Subscription;
  /** The event after which it begins. */
  readonly start: number;
  /** Where it begins and ends among the viewer's buffers. */
  readonly from: number;
  to?: number;
  dropped: boolean;
  /** The last event before its viewer lost the right to read. */
  lostAfter?: number;
};

/** The numbers of the events and the kinds of the frames that came of a subscription. */
export const storyOf = ({ viewer, subscription, from, to }: Watched) => {
  const seen = new Viewer(0);
  seen.buffers.push(...viewer.buffers.slice(from, to));
  const frames = seen.frames.filter(({ s }) => s === subscription.s);
  return { numbers: seen.numbers(subscription.s), kinds: frames.map(({ t }) => t) };
};

/** Lets things happen on a hub, and keeps in mind what must come of them. */
export class HubPlay {
  readonly all: Watched[] = [];
  readonly viewers = [new Viewer(11), new Viewer(12), new Viewer(13)];
  readonly heads: Record<string, number> = { [circle]: 0, [stream]: 0 };
  readonly #banned = new Set<Viewer>();
  readonly #stage: Awaited<ReturnType<typeof hubStage>>;

  constructor(stage: Awaited<ReturnType<typeof hubStage>>) {
    this.#stage = stage;
  }

  async happen(next: Step): Promise<void> {
    const viewer = this.viewers['who' in next ? next.who : 0] ?? new Viewer(0);
    switch (next.does) {
      case 'post':
        return this.#record(stream, Array(next.times).fill(posted(1)));
      case 'rename':
        return this.#record(circle, [stamped('circle-updated', { name: 'Tea' })]);
      case 'tick':
        return settle();
      case 'turn':
        return;
      case 'stall':
        return viewer.stall();
      case 'flow':
        return viewer.flow();
      case 'join':
        this.#banned.delete(viewer);
        return this.#record(circle, [stamped('member-joined', { user: viewer.user })]);
      case 'remove':
        return this.#remove(viewer);
      case 'unsub':
        return this.#close(viewer, next.s);
      case 'sub':
        return this.#sub(viewer, next.s, next.back);
    }
  }

  /** Lets everybody take everything that is theirs. */
  async finish(): Promise<void> {
    for (const viewer of this.viewers) viewer.flow();
    await until(() => this.all.every((watched) => this.#isDone(watched)), 'the end of all');
    await settle();
  }

  /** Many events are a commit each, few are one commit. */
  #record(name: Name, events: LoggedEvent[]): void {
    this.heads[name] = (this.heads[name] ?? 0) + events.length;
    const aggregate = name === circle ? circleNumber(1) : streamNumber(1);
    const commits = events.length > 50 ? events.map((event) => [event]) : [events];
    for (const commit of commits) this.#stage.log.record(aggregate, commit);
  }

  #remove(viewer: Viewer): void {
    this.#banned.add(viewer);
    for (const watched of this.all) {
      if (watched.viewer === viewer && watched.to === undefined) {
        watched.lostAfter ??= this.heads[watched.subscription.s] ?? 0;
      }
    }
    this.#record(circle, [stamped('member-removed', { user: viewer.user })]);
  }

  /** A new subscription takes the place of one of the same name, as on a socket. */
  async #sub(viewer: Viewer, name: Name, back: number): Promise<void> {
    if (this.#banned.has(viewer)) return;
    this.#close(viewer, name);
    const start = Math.max(0, (this.heads[name] ?? 0) - back * back);
    const from = viewer.buffers.length;
    const subscription = await this.#stage.watch(viewer, name, { after: start });
    this.all.push({ viewer, subscription, start, from, dropped: false });
  }

  #close(viewer: Viewer, name: Name): void {
    for (const watched of this.all) {
      const { subscription, to } = watched;
      if (watched.viewer !== viewer || subscription.s !== name || to !== undefined) continue;
      watched.to = viewer.buffers.length;
      watched.dropped = subscription.state.name !== 'over';
      subscription.topic.drop(subscription);
    }
  }

  #isDone(watched: Watched): boolean {
    const { subscription, to, start } = watched;
    if (to !== undefined || subscription.state.name === 'over') return true;
    const head = this.heads[subscription.s] ?? 0;
    return subscription.state.name === 'live' && (storyOf(watched).numbers.at(-1) ?? start) >= head;
  }
}
