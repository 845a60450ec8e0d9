import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { type CircleState, circleAfter, circleState } from '../../../src/client/circle-state.ts';
import type { Client } from '../../../src/client/client.ts';
import type { Reset, StreamEvent } from '../../../src/client/frames.ts';
import { every, type Http } from '../../../src/client/http.ts';
import type { CircleEntry, Member, MemberLook, Stream } from '../../../src/client/objects.ts';
import { type PresenceState, presenceState } from '../../../src/client/presence-state.ts';
import { errorText } from './errors.ts';
import { Following } from './following.ts';
import { isSame, type People } from './people.ts';
import type { UnreadBadges } from './unread.ts';

/** The maximum number of members listed; a larger circle shows the first ones. */
const membersMax = 1_000;

export type CircleRoomDeps = {
  readonly client: Client;
  readonly http: Http;
  readonly people: People;
  readonly badges: UnreadBadges;
  /** A circle can no longer be read; `code` from the server. */
  readonly onGone: (circle: string, code: string) => void;
};

/** One circle or direct conversation of the user. */
export class CircleRoom {
  readonly id: string;
  readonly entry: ReadonlySignal<CircleEntry>;
  readonly circle = signal<CircleState | undefined>(undefined);
  /** All members; undefined until `openMembers` has succeeded. */
  readonly members = signal<ReadonlyMap<string, Member> | undefined>(undefined);
  readonly presence = signal<PresenceState>(new Map());
  readonly #nicknames = signal<ReadonlyMap<string, string | undefined>>(new Map());
  readonly #deps: CircleRoomDeps;
  /** Why the members could not be loaded, as text. */
  readonly membersProblem = signal('');
  readonly following: Following;
  #areMembersOpen = false;

  constructor(entry: CircleEntry, deps: CircleRoomDeps) {
    this.id = entry.id;
    this.#deps = deps;
    this.entry = computed(() => this.circle.value ?? entry);
    if (entry.with) deps.people.learn([entry.with]);
    this.following = new Following(entry.id, {
      client: deps.client,
      handlers: {
        reset: (reset) => this.#reset(reset),
        event: (event) => this.#take(event),
        live: () => void this.#readPresence(),
      },
      onGone: (code) => deps.onGone(entry.id, code),
    });
  }

  close(): void {
    this.following.close();
  }

  get isDirect(): boolean {
    return this.entry.value.kind === 'direct';
  }

  /** Its streams, as far as loaded. */
  get streams(): readonly Stream[] {
    return this.circle.value?.streams ?? [];
  }

  /** A stream by its id. */
  stream(id: string | undefined): Stream | undefined {
    return this.streams.find((stream) => stream.id === id);
  }

  isOwner(user: string): boolean {
    return this.circle.value?.owner === user;
  }

  /** A user's name in this circle: the nickname, else the display name. */
  nameOf(user: string): string {
    const known = this.#deps.people.get(user);
    return this.#nicknames.value.get(user) ?? known?.displayName ?? '…';
  }

  presenceOf(user: string): 'online' | 'idle' | 'offline' {
    return this.presence.value.get(user) ?? 'offline';
  }

  /** The users with this nickname. */
  nicknamed(name: string): string[] {
    return [...this.#nicknames.value].flatMap(([id, nickname = '']) =>
      isSame(nickname, name) ? id : [],
    );
  }

  /** The title of a stream: `#general`, or the other user. */
  titleOf(s: string): string {
    const { with: other, name } = this.entry.value;
    if (other) return this.nameOf(other.id);
    const stream = this.streams.find((each) => each.s === s);
    return stream ? `#${stream.name}` : name;
  }

  /** Records the nicknames from a page of messages or members. */
  learnNicknames(users: readonly { readonly id: string; readonly member?: MemberLook }[]): void {
    const named = users.flatMap(({ id, member }) =>
      member ? [[id, member.nickname] as const] : [],
    );
    if (named.length > 0) this.#nicknames.value = new Map([...this.#nicknames.value, ...named]);
  }

  /** Loads the members, once, or again after a failure; the list is kept up to date from then on. */
  async openMembers(): Promise<void> {
    if (this.#areMembersOpen) return;
    this.#areMembersOpen = true;
    this.membersProblem.value = '';
    await this.#readMembers();
  }

  #reset(reset: Reset): void {
    const circle = circleState(reset);
    this.circle.value = circle;
    for (const { s, last } of circle.streams) this.#deps.badges.learn(s, { last });
    if (circle.with) this.#deps.people.learn([circle.with]);
    if (this.#areMembersOpen) void this.#readMembers();
  }

  #take(event: StreamEvent): void {
    const circle = this.circle.value;
    if (circle) this.circle.value = circleAfter(circle, event);
    switch (event.k) {
      case 'member-joined':
        if (this.#areMembersOpen) void this.#addMember(event.d.user, event.at);
        break;
      case 'member-left':
      case 'member-removed':
        this.#removeMember(event.d.user);
        break;
      case 'stream-deleted':
        this.#deps.badges.forget(`${this.id}/${event.d.id}`);
        break;
      case 'member-data-changed': {
        const { user: id, nickname } = event.d;
        if (nickname !== undefined)
          this.learnNicknames([{ id, member: nickname === null ? {} : { nickname } }]);
        break;
      }
    }
  }

  async #readMembers(): Promise<void> {
    const { http, people } = this.#deps;
    const members = new Map<string, Member>();
    try {
      const pages = every((page) => http.members(this.id, { ...page, limit: 200 }), 'members');
      for await (const member of pages) {
        members.set(member.user.id, member);
        if (members.size >= membersMax) break;
      }
    } catch (error) {
      this.#areMembersOpen = false;
      this.membersProblem.value = errorText(error);
      return;
    }
    people.learn([...members.values()].map(({ user }) => user));
    this.learnNicknames([...members].map(([id, member]) => ({ id, member })));
    this.members.value = members;
  }

  async #addMember(id: string, joinedAt: number): Promise<void> {
    const user = await this.#deps.http.user(id).catch(() => undefined);
    const members = this.members.value;
    if (!user || !members || members.size >= membersMax) return;
    this.#deps.people.learn([user]);
    this.members.value = new Map([...members, [id, { user, joinedAt }]]);
  }

  #removeMember(id: string): void {
    const members = this.members.value;
    if (members?.has(id)) this.members.value = new Map([...members].filter(([key]) => key !== id));
  }

  async #readPresence(): Promise<void> {
    const presence = await this.#deps.http.presence(this.id).catch(() => undefined);
    if (presence) this.presence.value = presenceState(presence);
  }
}
