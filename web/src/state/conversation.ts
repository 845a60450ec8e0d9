import { type Signal, signal } from '@preact/signals';
import type { Client, Page } from '../../../src/client/client.ts';
import type { Reset, StreamEvent } from '../../../src/client/frames.ts';
import type { Http } from '../../../src/client/http.ts';
import { postedMessage } from '../../../src/client/message-state.ts';
import type { History, Message, Participant } from '../../../src/client/objects.ts';
import { streamState, streamWithRead } from '../../../src/client/stream-state.ts';
import type { Draft } from './drafts.ts';
import { errorText } from './errors.ts';
import { Following } from './following.ts';
import type { Outboxes } from './outboxes.ts';
import type { Placement } from './scrolling.ts';
import {
  emptyTimeline,
  extended,
  hasNewer,
  hasOlder,
  type Timeline,
  timelineAfter,
  trimmed,
  trimmedAround,
} from './timeline.ts';
import { nobodyTyping, type Typing, withoutTyping, withTyping } from './typing.ts';

const pageSize = 60;
/** The maximum number of replied-to messages loaded at once. */
const repliedMax = 20;

export type ConversationDeps = {
  readonly client: Client;
  readonly http: Pick<Http, 'message'>;
  readonly draft: Draft;
  readonly outboxes: Outboxes;
  readonly me: string;
  readonly now: () => number;
  /** Users in loaded messages, with their nicknames. */
  readonly onUsers: (users: readonly Participant[]) => void;
  readonly onPosted: (conversation: Conversation, message: Message) => void;
  /** A message was edited, deleted, pinned or reacted to. */
  readonly onChanged: () => void;
  /** A read by the user failed. */
  readonly onError: (error: unknown) => void;
  /** It can no longer be read. */
  readonly onOver: (code: string) => void;
  readonly onRead: (read: number, newest: number) => void;
  /** Whether the user is at the page. */
  readonly isFocused: () => boolean;
};

/** The next scroll target of the view; `key` differs for every request. */
export type Jump = { readonly to: number | 'bottom' | 'divider'; readonly key: number };

/** One open stream: a range of its messages, the draft, and typing users. */
export class Conversation {
  readonly s: string;
  /** A range of its messages, its newest message number, and the last message read. */
  readonly timeline: Signal<Timeline>;
  readonly state = signal<'loading' | 'ready' | 'over'>('loading');
  readonly typing = signal<Typing>(nobodyTyping);
  /** Messages after this number are new to the user; undefined: none. */
  readonly divider = signal<number | undefined>(undefined);
  readonly outbox: ReturnType<Outboxes['of']>;
  readonly draft: Draft;
  readonly jump = signal<Jump | undefined>(undefined);
  /** Whether it and its newest messages are visible; set by the view. */
  readonly isShown = signal(false);
  readonly isAtBottom = signal(false);
  /** The current or last scroll position; set by the view. */
  placement: Placement | undefined;
  /** Why no more could be loaded at one end, as text. */
  readonly loadError = signal<
    { readonly end: 'older' | 'newer'; readonly problem: string } | undefined
  >(undefined);
  /** Incremented when a pin or a pinned message may have changed. */
  readonly pinsVersion = signal(0);
  /** Referenced messages outside the range. */
  readonly elsewhere = signal<ReadonlyMap<string, Message>>(new Map());
  readonly #deps: ConversationDeps;
  readonly following: Following;
  #loading: 'older' | 'newer' | 'elsewhere' | undefined;
  #jumps = 0;

  constructor(s: string, deps: ConversationDeps) {
    this.s = s;
    this.#deps = deps;
    this.timeline = signal(emptyTimeline(s, deps.me));
    this.draft = deps.draft;
    this.outbox = deps.outboxes.of(s);
    this.following = new Following(s, {
      client: deps.client,
      last: pageSize,
      handlers: {
        reset: (reset) => this.#reset(reset),
        event: (event) => this.#take(event),
      },
      onGone: (code) => {
        this.state.value = 'over';
        deps.onOver(code);
      },
    });
  }

  close(): void {
    this.following.close();
  }

  /** Whether the user sees the newest messages. */
  get isWatched(): boolean {
    const isEnd = this.isAtBottom.peek() && !hasNewer(this.timeline.peek());
    return this.isShown.peek() && isEnd && this.#deps.isFocused();
  }

  /** Loads more at one end; no-op at the end of the stream, after a failure, or while loading. */
  async loadMore(end: 'older' | 'newer'): Promise<void> {
    if (this.loadError.value?.end === end) return;
    const { messages } = this.timeline.value;
    const [first] = messages;
    const last = messages.at(-1);
    const isMore = end === 'older' ? hasOlder(this.timeline.value) : hasNewer(this.timeline.value);
    if (this.#loading || !isMore || !first || !last) return;
    const position = end === 'older' ? { before: first.m } : { after: last.m };
    const page = await this.#page(end, { ...position, limit: pageSize });
    if (!page) return;
    const longer = extended(this.timeline.value, page);
    this.#show(trimmed(longer, end === 'older' ? 'oldest' : 'newest'));
    void this.#findReplied();
  }

  /** Retries after a failure. */
  async retryLoading(): Promise<void> {
    const end = this.loadError.value?.end;
    this.loadError.value = undefined;
    if (end) await this.loadMore(end);
  }

  /** Shows the message with that number, loading it if necessary. */
  async jumpTo(m: number): Promise<void> {
    const isLoaded = this.timeline.value.messages.some((message) => message.m === m);
    if (isLoaded || (await this.#loadRange({ around: m, limit: pageSize }))) this.#go(m);
  }

  async jumpToNewest(): Promise<void> {
    const isLoaded = !hasNewer(this.timeline.value);
    if (isLoaded || (await this.#loadRange({ limit: pageSize }))) this.#go('bottom');
  }

  /** Shows a replied-to message; false if it cannot be found. */
  async jumpToId(id: string): Promise<boolean> {
    const found = this.find(id) ?? (await this.#fetch(id));
    if (found) await this.jumpTo(found.m);
    return found !== undefined;
  }

  /** A loaded message. */
  find(id: string): Message | undefined {
    const { messages } = this.timeline.value;
    return messages.find((message) => message.id === id) ?? this.elsewhere.value.get(id);
  }

  /** Posts a text; it is shown immediately and takes effect once, however often it is sent. */
  post(text: string): void {
    const { client, now } = this.#deps;
    const replyTo = this.draft.replyTo.value;
    const message = { id: client.newId(), text, at: now(), ...(replyTo && { replyTo }) };
    void this.#send(message);
    this.draft.replyTo.value = undefined;
    this.divider.value = undefined;
    void this.jumpToNewest();
  }

  async #send(message: Parameters<Outboxes['send']>[1]): Promise<void> {
    await this.#deps.outboxes.send(this.s, message);
    this.#settle();
  }

  #settle(): void {
    if (this.outbox.value.length === 0) return;
    const { messages, stream } = this.timeline.value;
    const ids = new Set(messages.map(({ id }) => id));
    this.#deps.outboxes.settle(this.s, ids, stream.last);
  }

  #show(timeline: Timeline): void {
    this.timeline.value = timeline;
    this.#settle();
  }

  /** Shows another range; false on failure. */
  async #loadRange(position: Page): Promise<boolean> {
    const page = await this.#page('elsewhere', position);
    if (!page) return false;
    this.#show({ ...this.timeline.value, messages: page.messages });
    void this.#findReplied();
    return true;
  }

  #go(to: Jump['to']): void {
    this.#jumps += 1;
    this.jump.value = { to, key: this.#jumps };
  }

  #reset(reset: Reset): void {
    const { users = [], why } = reset;
    this.#deps.onUsers(users);
    const before = this.timeline.value;
    const fresh = streamState(reset, this.#deps.me);
    const after = why === 'epoch' ? fresh : streamWithRead(fresh, before.read);
    const { read, stream } = after;
    this.#deps.onRead(read, stream.last);
    this.elsewhere.value = new Map();
    const isFirst = this.state.value === 'loading';
    const looked = why === 'too-far' ? this.#messageInView() : undefined;
    this.#show(looked === undefined ? after : { ...after, messages: before.messages });
    // Too many events were missed: the range around the message in view is loaded again.
    if (looked !== undefined) void this.#loadRange({ around: looked, limit: 200 });
    this.state.value = 'ready';
    if (isFirst) {
      this.divider.value = read < stream.last ? read : undefined;
      this.#go(this.divider.value === undefined ? 'bottom' : 'divider');
    }
    void this.#findReplied();
  }

  /** The number of the message in view, or last in view, when not at the bottom. */
  #messageInView(): number | undefined {
    return this.placement?.to === 'anchor' ? this.find(this.placement.anchor.key)?.m : undefined;
  }

  #take(event: StreamEvent): void {
    const before = this.timeline.value;
    if (event.k === 'message-posted') {
      this.typing.value = withoutTyping(this.typing.value, event.by);
      const isSeen = event.by === this.#deps.me || this.isWatched;
      // An existing divider stays; if the user is watching, nothing is new.
      if (!isSeen) this.divider.value ??= before.stream.last;
    }
    this.#show(trimmedAround(timelineAfter(before, event), this.#messageInView()));
    if (event.k === 'message-posted') this.#deps.onPosted(this, postedMessage(this.s, event));
    else if (event.k.startsWith('message-')) {
      this.pinsVersion.value += 1;
      this.#deps.onChanged();
    }
  }

  /** Moves the read marker, which never goes back. */
  markRead(m: number): void {
    this.timeline.value = streamWithRead(this.timeline.value, m);
  }

  /** Another user is typing, until the given time. */
  addTyping(user: string, until: number): void {
    if (user !== this.#deps.me) this.typing.value = withTyping(this.typing.value, user, until);
  }

  /** Loads and caches a message outside the range; undefined if unavailable. */
  async #fetch(id: string): Promise<Message | undefined> {
    const found = await this.#deps.http.message(this.s, id).catch(() => undefined);
    if (!found) return undefined;
    this.#deps.onUsers(found.users);
    this.elsewhere.value = new Map([...this.elsewhere.value, [id, found.message]]);
    return found.message;
  }

  /** Loads replied-to messages outside the range, newest first. */
  async #findReplied(): Promise<void> {
    const { messages } = this.timeline.value;
    const replied = [this.draft.replyTo.value, ...messages.map(({ replyTo }) => replyTo)];
    const missing = [...new Set(replied)].flatMap((id) => (id && !this.find(id) ? id : []));
    await Promise.all(missing.slice(-repliedMax).map((id) => this.#fetch(id)));
  }

  /** A page of history, consistent with the events so far; undefined on failure. */
  async #page(why: 'older' | 'newer' | 'elsewhere', position: Page): Promise<History | undefined> {
    this.#loading = why;
    try {
      const page = await this.#deps.client.history(this.s, position);
      if (this.#loading !== why) return undefined;
      this.#deps.onUsers(page.users);
      return page;
    } catch (error) {
      if (why === 'elsewhere') this.#deps.onError(error);
      else this.loadError.value = { end: why, problem: errorText(error) };
      return undefined;
    } finally {
      if (this.#loading === why) this.#loading = undefined;
    }
  }
}
