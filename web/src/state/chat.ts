import { signal } from '@preact/signals';
import { type Client, connect } from '../../../src/client/client.ts';
import type { Activity, Signal } from '../../../src/client/frames.ts';
import { every, type Http } from '../../../src/client/http.ts';
import type { State } from '../../../src/client/link.ts';
import type { Message, Stream, Unread, User } from '../../../src/client/objects.ts';
import { Conversation } from './conversation.ts';
import { Memberships } from './memberships.ts';
import { People } from './people.ts';
import { UnreadBadges } from './unread.ts';

/** So many streams are followed at once; one that is left longer ago is opened anew. */
const conversationsMax = 8;
const readEveryMs = 500;

export type ChatOptions = {
  readonly url: string;
  readonly http: Http;
  readonly user: User;
  readonly now: () => number;
  readonly isAttended: () => boolean;
  /** The session is over. */
  readonly onLoggedOut: () => void;
  /** A circle or stream can no longer be read; `code` as the server gave it. */
  readonly onGone: (id: string, code: string) => void;
};

/** All that somebody who is logged in sees, as it changes. */
export class Chat {
  readonly http: Http;
  readonly client: Client;
  readonly people: People;
  readonly memberships: Memberships;
  readonly badges = new UnreadBadges();
  readonly connection = signal<State['state']>('connecting');
  /** Why the connection is over for good, if it is. */
  readonly closedReason = signal('');
  /** What a screen reader is told of: the newest message of the stream that is shown. */
  readonly announced = signal<Message | undefined>(undefined);
  /** What the server takes, as it said when the connection was opened. */
  limits = { text: 4_000 };
  readonly #options: ChatOptions;
  readonly #conversations = new Map<string, Conversation>();
  #toldReadAt = 0;
  #status: 'online' | 'idle' = 'online';

  constructor(options: ChatOptions) {
    this.#options = options;
    const { http, url, user } = options;
    this.http = http;
    this.people = new People((ids) => http.users(ids));
    this.people.learn([user]);
    this.client = connect({
      url,
      onState: (state) => this.#changed(state),
      onSignal: (heard) => this.#hear(heard),
      onActivity: (activity) => this.#noteActivity(activity),
    });
    const { client, people } = this;
    const onGone = (circle: string, code: string) => this.#forget(circle, code);
    const onStreams = (streams: readonly Stream[]) => {
      for (const { s, last } of streams) this.badges.learn(s, { last });
    };
    this.memberships = new Memberships(user, { client, http, people, onStreams, onGone });
  }

  get me(): User {
    return this.memberships.me.value;
  }

  /** The stream of that name, followed from now on. */
  conversation(s: string): Conversation {
    const known = this.#conversations.get(s);
    this.#conversations.delete(s);
    const conversation = known ?? this.#open(s);
    this.#conversations.set(s, conversation);
    for (const [name, other] of this.#conversations) {
      if (this.#conversations.size <= conversationsMax) break;
      if (other.outbox.value.length > 0 || other.draft.value !== '') continue;
      other.close();
      this.#conversations.delete(name);
    }
    return conversation;
  }

  close(): void {
    this.client.close();
  }

  /** Says whether somebody sits before this page. */
  setStatus(status: 'online' | 'idle'): void {
    if (status === this.#status) return;
    this.#status = status;
    this.client.signal('me', 'presence', { status });
  }

  /** Everything in the stream has been seen; told to the server a moment later, once for many messages. */
  markRead(conversation: Conversation): void {
    const { s, read, timeline } = conversation;
    const { newest } = timeline.peek();
    if (newest <= read.peek()) return;
    read.value = newest;
    this.badges.read(s, newest);
    const tell = (): void => {
      this.#toldReadAt = this.#options.now();
      void this.client.command('mark-read', { s, m: newest }).catch(() => undefined);
    };
    // In a lively stream the markers of a moment are one.
    if (this.#options.now() - this.#toldReadAt >= readEveryMs) tell();
    else setTimeout(() => read.peek() === newest && tell(), readEveryMs);
  }

  #open(s: string): Conversation {
    const [circle = ''] = s.split('/');
    const room = () => this.memberships.circles.peek().get(circle);
    return new Conversation(s, {
      client: this.client,
      http: this.#options.http,
      me: this.#options.user.id,
      now: () => this.client.now(),
      isAttended: this.#options.isAttended,
      onUsers: (users) => {
        this.people.learn(users);
        room()?.learnNicknames(users);
      },
      onRead: (read, last) => this.badges.learn(s, { last, read }),
      onPosted: (conversation, message) => this.#notePost(conversation, message),
      onOver: (code) => this.#drop(s, code),
    });
  }

  #drop(s: string, code: string): void {
    this.#conversations.delete(s);
    this.badges.forget(s);
    this.#options.onGone(s, code);
  }

  #notePost(conversation: Conversation, message: Message): void {
    const { s, isShown, isWatched, read } = conversation;
    const { id } = this.#options.user;
    if (message.by === id) {
      read.value = Math.max(read.peek(), message.m);
      this.badges.posted(s, message.m, false);
      this.badges.read(s, message.m);
      return;
    }
    this.badges.posted(s, message.m, message.mentions?.includes(id) ?? false);
    if (isShown.peek()) this.announced.value = message;
    if (isWatched) this.markRead(conversation);
  }

  #noteActivity({ s, m, mention }: Activity): void {
    this.badges.posted(s, m, mention);
  }

  #hear(heard: Signal): void {
    switch (heard.k) {
      case 'typing': {
        const until = this.#options.now() + heard.ttl;
        this.#conversations.get(heard.s)?.takeTyping(heard.by, until);
        break;
      }
      case 'presence':
        this.memberships.circles.peek().get(heard.s)?.takePresence(heard.d);
        break;
      case 'read': {
        const { s, m } = heard.d;
        this.badges.read(s, m);
        const marker = this.#conversations.get(s)?.read;
        if (marker) marker.value = Math.max(marker.peek(), m);
        break;
      }
    }
  }

  #changed(state: State): void {
    this.connection.value = state.state;
    if (state.state === 'open') {
      this.limits = state.limits;
      void this.#readUnread();
      if (this.#status === 'idle') this.client.signal('me', 'presence', { status: 'idle' });
    } else if (state.state === 'closed') {
      this.closedReason.value = state.reason;
      if (state.code === 4401) this.#options.onLoggedOut();
    }
  }

  /** What is unread now; hints that came over the last connection may have been lost. */
  async #readUnread(): Promise<void> {
    const counted: Unread[] = [];
    try {
      const pages = every((page) => this.http.unread(page), 'streams');
      for await (const row of pages) counted.push(row);
      this.badges.reset(counted);
    } catch {
      // The badges that there are stay; the next connection counts again.
    }
  }

  #forget(circle: string, code: string): void {
    for (const [s, conversation] of this.#conversations) {
      if (!s.startsWith(circle)) continue;
      conversation.close();
      this.#conversations.delete(s);
    }
    this.badges.forget(circle);
    this.#options.onGone(circle, code);
  }
}
