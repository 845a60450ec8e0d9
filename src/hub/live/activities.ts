import { limits } from '../../app/limits/limits.ts';
import { type Aggregate, partsOf } from '../../events/aggregate.ts';
import type { CircleId } from '../../events/ids.ts';
import type { EventOf } from '../../events/kinds/kinds.ts';
import { formatStreamPath } from '../../events/stream-path.ts';
import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import type { Delivery } from '../delivery.ts';
import { textFrame } from '../frame.ts';
import type { Roster } from './roster.ts';

/** What has happened in a stream since its last notification, while further ones are held back. */
type Window = {
  readonly circle: CircleId;
  readonly closing: NodeJS.Timeout;
  /** The newest message not announced yet; 0: none. */
  m: number;
  /** Whether an edit or a deletion has not been announced yet. */
  isChanged: boolean;
  readonly mentioned: Set<string>;
};

export type ActivitiesOptions = { readonly roster: Roster; readonly delivery: Delivery };

/**
 * Notifies members who do not subscribe to a stream that a message was posted in it, or that its unread count may have
 * fallen since a message was edited or deleted (W17): the first time immediately, then at most once per `activityMs`.
 * The recipients are determined when the frame is sent, from what the hub has received by then.
 */
export class Activities {
  readonly #options: ActivitiesOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: ActivitiesOptions) {
    this.#options = options;
  }

  posted(aggregate: Aggregate, { m, mentions }: EventOf<'message-posted'>['d']): void {
    const stream = this.#streamOf(aggregate);
    if (!stream) return;
    const window = this.#windows.get(stream.s);
    if (window) {
      window.m = m;
      for (const user of mentions) window.mentioned.add(user);
      return;
    }
    this.#open(stream);
    this.#sendPosted({ ...stream, m, mentioned: new Set(mentions) });
  }

  /** A message of a stream was edited or deleted. */
  changed(aggregate: Aggregate): void {
    const stream = this.#streamOf(aggregate);
    if (!stream) return;
    const window = this.#windows.get(stream.s);
    if (window) {
      window.isChanged = true;
      return;
    }
    this.#open(stream);
    this.#sendChanged(stream);
  }

  /** Discards what is held back of a stream, or of all streams of a circle. */
  ended(circle: CircleId, stream?: string): void {
    for (const [s, window] of this.#windows) {
      if (window.circle !== circle) continue;
      if (stream === undefined || s === formatStreamPath(circle, stream)) this.#close(s, window);
    }
  }

  stop(): void {
    for (const [s, window] of this.#windows) this.#close(s, window);
  }

  /** The stream, if any member is connected. */
  #streamOf(aggregate: Aggregate): StreamName | undefined {
    const parts = partsOf(aggregate);
    if (parts.kind !== 'stream') return undefined;
    const { circle, stream } = parts;
    if (this.#options.roster.members(circle).size === 0) return undefined;
    return { s: formatStreamPath(circle, stream), circle };
  }

  #open({ s, circle }: StreamName): void {
    const closing = setTimeout(() => this.#expire(s), limits.activityMs).unref();
    this.#windows.set(s, { circle, closing, m: 0, isChanged: false, mentioned: new Set() });
  }

  #close(s: string, { closing }: Window): void {
    clearTimeout(closing);
    this.#windows.delete(s);
  }

  #expire(s: string): void {
    const window = this.#windows.get(s);
    if (!window) return;
    this.#windows.delete(s);
    const { circle, m, isChanged, mentioned } = window;
    if (m === 0 && !isChanged) return;
    this.#open({ s, circle });
    if (m > 0) this.#sendPosted({ s, circle, m, mentioned });
    if (isChanged) this.#sendChanged({ s, circle });
  }

  #sendPosted({ s, circle, m, mentioned }: Posted): void {
    const frame = (mention: boolean) => textFrame(JSON.stringify({ t: 'activity', s, m, mention }));
    const plain = frame(false);
    const marked = mentioned.size > 0 ? frame(true) : plain;
    this.#send({ s, circle }, (user) => (mentioned.has(user) ? marked : plain));
  }

  #sendChanged(stream: StreamName): void {
    const frame = textFrame(JSON.stringify({ t: 'sig', s: stream.s, k: 'unread' }));
    this.#send(stream, () => frame);
  }

  #send({ s, circle }: StreamName, frameFor: (user: string) => Buffer): void {
    const { roster, delivery } = this.#options;
    delivery.activity(roster.members(circle), s, frameFor);
  }
}

type StreamName = { readonly s: string; readonly circle: CircleId };

type Posted = StreamName & {
  readonly m: number;
  readonly mentioned: ReadonlySet<string>;
};
