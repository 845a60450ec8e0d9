import { limits } from '../../app/limits/limits.ts';
import type { Aggregate } from '../../events/aggregate.ts';
import { partsOf } from '../../events/aggregate.ts';
import type { CircleId } from '../../events/ids.ts';
import type { EventOf } from '../../events/kinds/kinds.ts';
import { formatStreamPath } from '../../events/stream-path.ts';
import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import { textFrame } from '../frame.ts';
import type { Roster } from './roster.ts';

/** What is told next of a stream, of which something was told a moment ago. */
type Window = {
  readonly circle: CircleId;
  readonly closing: NodeJS.Timeout;
  /** The newest message that was not told yet; 0: none. */
  m: number;
  /** Whether a message was edited or deleted, which was not told yet. */
  isChanged: boolean;
  readonly mentioned: Set<string>;
};

export type ActivitiesOptions = {
  readonly roster: Roster;
  /** Told how many sockets were too slow to be told something. */
  readonly onDropped: (count: number) => void;
};

/**
 * Tells the members of a circle who do not follow a stream that something was posted in it, or that less may be unread
 * of it since a message was edited or deleted (W17): the first at once, and what came since after a second. Who is told
 * is settled at the moment of telling, by what the hub has heard until then.
 */
export class Activities {
  readonly #options: ActivitiesOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: ActivitiesOptions) {
    this.#options = options;
  }

  /** Something was posted in a stream. */
  posted(aggregate: Aggregate, { m, mentions }: EventOf<'message-posted'>['d']): void {
    const place = this.#placeOf(aggregate);
    if (!place) return;
    const window = this.#windows.get(place.s);
    if (window) {
      window.m = m;
      for (const user of mentions) window.mentioned.add(user);
      return;
    }
    this.#open(place);
    this.#tellPosted({ ...place, m, mentioned: new Set(mentions) });
  }

  /** A message of a stream was edited or deleted. */
  changed(aggregate: Aggregate): void {
    const place = this.#placeOf(aggregate);
    if (!place) return;
    const window = this.#windows.get(place.s);
    if (window) {
      window.isChanged = true;
      return;
    }
    this.#open(place);
    this.#tellChanged(place);
  }

  /** A stream, or all of a circle, is gone: nothing is told of it any more. */
  ended(circle: CircleId, stream?: string): void {
    for (const [s, window] of this.#windows) {
      if (window.circle !== circle) continue;
      if (stream === undefined || s === formatStreamPath(circle, stream)) this.#close(s, window);
    }
  }

  stop(): void {
    for (const [s, window] of this.#windows) this.#close(s, window);
  }

  /** The stream, if anybody may be told of it. */
  #placeOf(aggregate: Aggregate): Place | undefined {
    const parts = partsOf(aggregate);
    if (parts.kind !== 'stream') return undefined;
    const { circle, stream } = parts;
    if (this.#options.roster.members(circle).size === 0) return undefined;
    return { s: formatStreamPath(circle, stream), circle };
  }

  #open({ s, circle }: Place): void {
    const closing = setTimeout(() => this.#turn(s), limits.activityMs).unref();
    this.#windows.set(s, { circle, closing, m: 0, isChanged: false, mentioned: new Set() });
  }

  #close(s: string, { closing }: Window): void {
    clearTimeout(closing);
    this.#windows.delete(s);
  }

  #turn(s: string): void {
    const window = this.#windows.get(s);
    if (!window) return;
    this.#windows.delete(s);
    const { circle, m, isChanged, mentioned } = window;
    if (m === 0 && !isChanged) return;
    this.#open({ s, circle });
    if (m > 0) this.#tellPosted({ s, circle, m, mentioned });
    if (isChanged) this.#tellChanged({ s, circle });
  }

  #tellPosted({ s, circle, m, mentioned }: Posted): void {
    const frame = (mention: boolean) => textFrame(JSON.stringify({ t: 'activity', s, m, mention }));
    const plain = frame(false);
    const marked = mentioned.size > 0 ? frame(true) : plain;
    this.#tell({ s, circle }, (user) => (mentioned.has(user) ? marked : plain));
  }

  #tellChanged(place: Place): void {
    const frame = textFrame(JSON.stringify({ t: 'sig', s: place.s, k: 'unread' }));
    this.#tell(place, () => frame);
  }

  #tell({ s, circle }: Place, frameFor: (user: string) => Buffer): void {
    const { roster, onDropped } = this.#options;
    let dropped = 0;
    for (const { user, connections } of roster.members(circle)) {
      const bytes = frameFor(user);
      for (const { subscriptions, outlet } of connections.keys()) {
        if (subscriptions.has(s)) continue;
        if (outlet.calm) outlet.write(bytes);
        else dropped++;
      }
    }
    if (dropped > 0) onDropped(dropped);
  }
}

/** A stream, and its circle. */
type Place = { readonly s: string; readonly circle: CircleId };

type Posted = Place & {
  readonly m: number;
  readonly mentioned: ReadonlySet<string>;
};
