import { signal } from '@preact/signals';
import { type Client, connect } from '../../../src/client/client.ts';
import type { Signal } from '../../../src/client/frames.ts';
import { type Http, wholeList } from '../../../src/client/http.ts';
import type { State } from '../../../src/client/link.ts';
import type { Message, User } from '../../../src/client/objects.ts';
import { presenceAfter } from '../../../src/client/presence-state.ts';
import { AccountStorage } from './account-storage.ts';
import { Conversation } from './conversation.ts';
import { Drafts } from './drafts.ts';
import { Memberships } from './memberships.ts';
import { Outboxes } from './outboxes.ts';
import { People } from './people.ts';
import type { Storage } from './storage.ts';
import { UnreadBadges } from './unread.ts';
import { UnreadCount } from './unread-count.ts';

/** The number of open subscriptions to streams; the least recently used is closed. */
const conversationsMax = 8;
const readEveryMs = 500;

export type ChatOptions = {
  readonly url: string;
  readonly http: Http;
  readonly user: User;
  readonly storage: Storage;
  readonly now: () => number;
  readonly isFocused: () => boolean;
  /** The session has ended. */
  readonly onLoggedOut: () => void;
  /** The browser's session belongs to another user now. */
  readonly onReplaced: () => void;
  /** A circle or stream can no longer be read; `code` from the server. */
  readonly onGone: (id: string, code: string) => void;
  /** A read by the user failed. */
  readonly onError: (error: unknown) => void;
  /** A message could not be sent in a stream that is not visible. */
  readonly onNotSent: (s: string) => void;
};

/** The state of a logged-in user. */
export class Chat {
  readonly http: Http;
  readonly client: Client;
  readonly people: People;
  readonly memberships: Memberships;
  readonly badges = new UnreadBadges();
  readonly unreadCount: UnreadCount;
  readonly drafts: Drafts;
  readonly outboxes: Outboxes;
  readonly connection = signal<State['state']>('connecting');
  /** For screen readers: the newest message of the visible stream. */
  readonly announced = signal<Message | undefined>(undefined);
  /** The server's limits, from the answer to `hello`. */
  limits = { text: 4_000 };
  readonly #options: ChatOptions;
  readonly #storage: AccountStorage;
  readonly #conversations = new Map<string, Conversation>();
  #readSentAt = 0;
  #epoch: string | undefined;

  constructor(options: ChatOptions) {
    this.#options = options;
    const { http, url, user } = options;
    this.http = http;
    this.people = new People((ids) => http.users(ids));
    this.people.learn([user]);
    this.client = connect({
      url,
      user: user.id,
      onState: (state) => this.#changed(state),
      onSignal: (frame) => this.#onSignal(frame),
      onActivity: ({ s, m, mention }) => this.badges.posted(s, m, mention),
    });
    const { client, people } = this;
    const storage = new AccountStorage(options.storage, user.id, options.now);
    this.#storage = storage;
    this.drafts = new Drafts(storage);
    this.outboxes = new Outboxes({
      ...{ client, storage, now: options.now },
      onFailed: (s) => !this.#isShown(s) && options.onNotSent(s),
    });
    this.unreadCount = new UnreadCount(this.badges, () =>
      wholeList((page) => http.unread(page), 'streams'),
    );
    this.memberships = new Memberships(user, {
      ...{ client, http, people, badges: this.badges },
      onGone: (circle, code) => this.#forget(circle, code),
    });
  }

  get me(): User {
    return this.memberships.me.value;
  }

  /** Whether there are unsent messages or drafts in this browser. */
  get hasUnsent(): boolean {
    return this.#storage.names('').length > 0;
  }

  /** The known users with this name. */
  named(name: string): User[] {
    const rooms = [...this.memberships.circles.peek().values()];
    const nicknamed = rooms.flatMap((room) => room.nicknamed(name));
    const users = [
      ...this.people.named(name),
      ...nicknamed.flatMap((id) => this.people.get(id) ?? []),
    ];
    return [...new Map(users.map((user) => [user.id, user])).values()];
  }

  /** The conversation of a stream, subscribed from now on. */
  conversation(s: string): Conversation {
    const known = this.#conversations.get(s);
    this.#conversations.delete(s);
    const conversation = known ?? this.#open(s);
    this.#conversations.set(s, conversation);
    for (const [name, other] of this.#conversations) {
      if (this.#conversations.size <= conversationsMax) break;
      other.close();
      this.#conversations.delete(name);
    }
    return conversation;
  }

  close(): void {
    this.unreadCount.close();
    this.drafts.close();
    this.client.close();
  }

  /** Marks the stream as read; sent to the server with a delay, batching several messages. */
  markRead(conversation: Conversation): void {
    const { s, timeline } = conversation;
    const { stream, read } = timeline.peek();
    const newest = stream.last;
    if (newest <= read) return;
    conversation.markRead(newest);
    this.badges.read(s, newest);
    const send = (): void => {
      this.#readSentAt = this.#options.now();
      void this.client.command('mark-read', { s, m: newest }).catch(() => undefined);
    };
    // Markers within a short time are combined.
    if (this.#options.now() - this.#readSentAt >= readEveryMs) send();
    else setTimeout(() => timeline.peek().read === newest && send(), readEveryMs);
  }

  #open(s: string): Conversation {
    const [circle = ''] = s.split('/');
    const room = () => this.memberships.circles.peek().get(circle);
    return new Conversation(s, {
      client: this.client,
      http: this.#options.http,
      draft: this.drafts.of(s),
      outboxes: this.outboxes,
      me: this.#options.user.id,
      now: () => this.client.now(),
      isFocused: this.#options.isFocused,
      onUsers: (users) => {
        this.people.learn(users);
        room()?.learnNicknames(users);
      },
      onRead: (read, last) => this.badges.learn(s, { last, read }),
      onPosted: (conversation, message) => this.#onPost(conversation, message),
      onChanged: () => this.#onChange(s),
      onError: this.#options.onError,
      onOver: (code) => this.#drop(s, code),
    });
  }

  #drop(s: string, code: string): void {
    this.#conversations.delete(s);
    this.badges.forget(s);
    this.#options.onGone(s, code);
  }

  #onPost(conversation: Conversation, message: Message): void {
    const { s, isShown, isWatched } = conversation;
    const { id } = this.#options.user;
    if (message.by === id) {
      this.badges.posted(s, message.m, false);
      this.badges.read(s, message.m);
      return;
    }
    this.badges.posted(s, message.m, message.mentions?.includes(id) ?? false);
    if (isShown.peek()) this.announced.value = message;
    if (isWatched) this.markRead(conversation);
  }

  /** An edited or deleted message may have been unread. */
  #onChange(s: string): void {
    if (this.badges.get(s).unread > 0) this.unreadCount.soon();
  }

  #isShown(s: string): boolean {
    return this.#conversations.get(s)?.isShown.peek() ?? false;
  }

  #onSignal(frame: Signal): void {
    switch (frame.k) {
      case 'typing': {
        const until = this.#options.now() + frame.ttl;
        this.#conversations.get(frame.s)?.addTyping(frame.by, until);
        break;
      }
      case 'presence': {
        const presence = this.memberships.circles.peek().get(frame.s)?.presence;
        if (presence) presence.value = presenceAfter(presence.peek(), frame.d);
        break;
      }
      case 'unread':
        this.#onChange(frame.s);
        break;
      case 'read': {
        const { s, m } = frame.d;
        this.badges.read(s, m);
        this.#conversations.get(s)?.markRead(m);
        break;
      }
    }
  }

  #changed(state: State): void {
    this.connection.value = state.state;
    if (state.state === 'open') {
      this.limits = state.limits;
      if (this.#epoch !== undefined && this.#epoch !== state.epoch) this.badges.clear();
      this.#epoch = state.epoch;
      void this.unreadCount.run();
    } else if (state.state === 'closed') {
      if (state.code === 4401) this.#options.onLoggedOut();
      if (state.code === 4403) this.#options.onReplaced();
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
