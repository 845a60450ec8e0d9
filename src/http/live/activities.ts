import type { Aggregate } from '../../events/aggregate.ts';
import { partsOf } from '../../events/aggregate.ts';
import type { CircleId } from '../../events/ids.ts';
import type { EventOf } from '../../events/kinds.ts';
import { textFrame } from '../hub/frame.ts';
import { limits } from '../limits.ts';
import type { Roster } from './roster.ts';

/** What is told next of a stream, of which something was told a moment ago. */
type Window = {
  readonly circle: CircleId;
  readonly closing: NodeJS.Timeout;
  /** The newest message that was not told yet; 0: none. */
  m: number;
  readonly mentioned: Set<string>;
};

export type ActivitiesOptions = {
  readonly roster: Roster;
  /** Told how many sockets were too slow to be told something. */
  readonly onDropped: (count: number) => void;
};

/**
 * Tells the members of a circle who do not follow a stream that something was posted in it (W17): the first message
 * at once, and the newest one after a second if more have come. Who is told is settled at the moment of telling, by
 * what the hub has heard until then.
 */
export class Activities {
  readonly #options: ActivitiesOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: ActivitiesOptions) {
    this.#options = options;
  }

  /** Something was posted in a stream. */
  posted(aggregate: Aggregate, { m, mentions }: EventOf<'message-posted'>['d']): void {
    const parts = partsOf(aggregate);
    if (parts.kind !== 'stream') return;
    const { circle, stream } = parts;
    if (this.#options.roster.members(circle).size === 0) return;
    const s = `${circle}/${stream}`;
    const window = this.#windows.get(s);
    if (window) {
      window.m = m;
      for (const user of mentions) window.mentioned.add(user);
      return;
    }
    this.#open(s, circle);
    this.#tell({ s, circle, m, mentioned: new Set(mentions) });
  }

  /** A stream, or all of a circle, is gone: nothing is told of it any more. */
  ended(circle: CircleId, stream?: string): void {
    for (const [s, window] of this.#windows) {
      if (window.circle !== circle) continue;
      if (stream === undefined || s === `${circle}/${stream}`) this.#close(s, window);
    }
  }

  stop(): void {
    for (const [s, window] of this.#windows) this.#close(s, window);
  }

  #open(s: string, circle: CircleId): void {
    const closing = setTimeout(() => this.#turn(s), limits.activityMs).unref();
    this.#windows.set(s, { circle, closing, m: 0, mentioned: new Set() });
  }

  #close(s: string, { closing }: Window): void {
    clearTimeout(closing);
    this.#windows.delete(s);
  }

  #turn(s: string): void {
    const window = this.#windows.get(s);
    if (!window) return;
    this.#windows.delete(s);
    const { circle, m, mentioned } = window;
    if (m === 0) return;
    this.#open(s, circle);
    this.#tell({ s, circle, m, mentioned });
  }

  #tell({ s, circle, m, mentioned }: Told): void {
    const { roster, onDropped } = this.#options;
    const frame = (mention: boolean) => textFrame(JSON.stringify({ t: 'activity', s, m, mention }));
    const plain = frame(false);
    const marked = mentioned.size > 0 ? frame(true) : plain;
    let dropped = 0;
    for (const { user, connections } of roster.members(circle)) {
      const bytes = mentioned.has(user) ? marked : plain;
      for (const { subscriptions, outlet } of connections.keys()) {
        if (subscriptions.has(s)) continue;
        if (outlet.calm) outlet.write(bytes);
        else dropped++;
      }
    }
    if (dropped > 0) onDropped(dropped);
  }
}

type Told = {
  readonly s: string;
  readonly circle: CircleId;
  readonly m: number;
  readonly mentioned: ReadonlySet<string>;
};
