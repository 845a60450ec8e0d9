import type { Chance } from './chance.ts';
import type { Secrets } from './secrets.ts';
import type { Person } from './server-people.ts';

/** A message of a stream, with the mark that stands in it now. */
export type Said = {
  readonly id: string;
  readonly by: string;
  text: string;
  deleted: boolean;
};

/** A stream, as somebody knows it who is told everything. */
export type Talk = {
  readonly id: string;
  readonly messages: Said[];
  /** Marks of all that was ever said in it. */
  readonly marks: string[];
  archived: boolean;
  deleted: boolean;
};

type Invite = {
  readonly code: string;
  readonly once: boolean;
  /** Who was given it. */
  readonly holders: ReadonlySet<string>;
  used: boolean;
  revoked: boolean;
};

export type SecretCircleOptions = {
  readonly id: string;
  readonly kind: 'circle' | 'direct';
  /** A circle's first one owns it. */
  readonly founders: readonly Person[];
  /** Everybody there is. */
  readonly people: readonly Person[];
  /** Somebody to whom nobody gives an invite. */
  readonly stranger: Person;
  readonly secrets: Secrets;
  readonly chance: Chance;
};

/** Whether an invite lets in somebody new. */
export const isFitting = ({ once, used, revoked }: Invite): boolean => !(revoked || (once && used));

/** Who may know what of a circle by now, kept naively by somebody who is told everything. */
export class SecretCircle {
  readonly options: SecretCircleOptions;
  readonly owner: string | undefined;
  readonly members = new Set<string>();
  /** Everybody who was ever in it. */
  readonly ever = new Set<string>();
  readonly talks: Talk[] = [];
  readonly invites: Invite[] = [];
  /** Who may be told that there is a message, by `<s> <m>`. */
  readonly audiences = new Map<string, Set<string>>();
  /** How far people have read, by `<user> <s> <m>`. */
  readonly reads = new Set<string>();
  isPublic = false;
  isDeleted = false;
  /** Marks of its name and of what it says of itself now. */
  #face: readonly string[] = [];
  /** Marks of all that its own events say. */
  readonly #story: string[] = [];

  constructor(options: SecretCircleOptions) {
    this.options = options;
    this.owner = options.kind === 'circle' ? options.founders[0]?.id : undefined;
    for (const founder of options.founders) this.enter(founder.id);
    this.addTalk(options.id);
  }

  get id(): string {
    return this.options.id;
  }

  get kind(): 'circle' | 'direct' {
    return this.options.kind;
  }

  get name(): string {
    return this.#face[0] ?? '';
  }

  /** Streams that can be read. */
  get open(): readonly Talk[] {
    return this.isDeleted ? [] : this.talks.filter(({ deleted }) => !deleted);
  }

  /** Marks of messages that were deleted. */
  get gone(): readonly string[] {
    const messages = this.talks.flatMap((talk) => talk.messages);
    return messages.filter(({ deleted }) => deleted).map(({ text }) => text);
  }

  /** Whether somebody is to find nothing here but what looks like none. */
  isHiddenFrom(person: string): boolean {
    return this.isDeleted || !(this.isPublic || this.members.has(person));
  }

  isRunBy(person: string): boolean {
    return !this.isDeleted && person === this.owner;
  }

  /** Invites that somebody was given, good and bad. */
  invitesOf(person: string): readonly Invite[] {
    return this.invites.filter(({ holders }) => holders.has(person));
  }

  /** Somebody comes in, and may read everything that still stands. */
  enter(person: string): void {
    this.members.add(person);
    this.ever.add(person);
    const { secrets } = this.options;
    secrets.tell([...this.#face, ...this.#story], [person]);
    for (const { id, marks, messages, deleted } of this.talks) {
      if (deleted) continue;
      secrets.tell(marks, [person]);
      this.audiences.get(`${this.id}/${id} ${messages.length}`)?.add(person);
    }
  }

  addTalk(id: string): void {
    this.talks.push({ id, messages: [], marks: [], archived: false, deleted: false });
  }

  /** A message stands in a stream. */
  addMessage(talk: Talk, said: Said, inside: ReadonlySet<string>): void {
    talk.messages.push(said);
    const place = `${this.id}/${talk.id} ${talk.messages.length}`;
    this.audiences.set(place, new Set(inside));
    this.reads.add(`${said.by} ${place}`);
  }

  /** Something is said in a stream. */
  tellIn(talk: Talk, text: string): void {
    talk.marks.push(text);
    this.options.secrets.tell([text], this.members);
  }

  /** Something is said by the circle's own events. */
  note(...marks: readonly string[]): void {
    this.#story.push(...marks);
    this.options.secrets.tell(marks, this.members);
  }

  /** Its name and what it says of itself, and who sees them. */
  show(face: readonly string[], isPublic: boolean): void {
    const { secrets, people } = this.options;
    this.#face = face;
    this.isPublic = isPublic;
    this.note(...face);
    if (isPublic)
      secrets.tell(
        face,
        people.map(({ id }) => id),
      );
    for (const { holders } of this.invites.filter(isFitting)) secrets.tell(face, holders);
  }

  addInvite(invite: Omit<Invite, 'used' | 'revoked'>): void {
    this.invites.push({ ...invite, used: false, revoked: false });
    this.options.secrets.keep(invite.code, ...invite.holders);
    this.options.secrets.tell(this.#face, invite.holders);
  }

  /** It is no more. */
  end(): void {
    this.isDeleted = true;
    this.members.clear();
  }
}
