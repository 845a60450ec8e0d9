import type { StreamCommandOf as Of, StreamCommand } from '../../../src/actors/stream/commands.ts';
import { type EventIn, event } from '../../../src/events/kinds/kinds.ts';
import { qualified } from '../../../src/text/emoji.ts';

type Message = {
  readonly by: string;
  readonly m: number;
  readonly texts: string[];
  mentions: string[];
  deleted: boolean;
  readonly reactions: Map<string, Set<string>>;
};

/** The events that a command causes, or what it is refused with. */
type Told = readonly EventIn<'stream'>[] | string;

const bare = (emoji: string): string => emoji.replaceAll('\uFE0F', '');

const goneOf = (unmentioned: string[]) => (unmentioned.length > 0 ? { unmentioned } : {});

/** What the rules of a stream should say, from everything that was ever said, which is kept whole. */
export class NaiveStream {
  readonly messages = new Map<string, Message>();
  /** The ids of pinned messages, the newest pin last. */
  pins: string[] = [];
  readonly #owner: string;

  constructor(owner: string) {
    this.#owner = owner;
  }

  /** The events that a command should cause, or what it should be refused with. */
  decide(command: StreamCommand): Told {
    switch (command.op) {
      case 'open-stream':
        return [];
      case 'post-message':
        return this.#post(command);
      case 'edit-message':
        return this.#edit(command);
      case 'delete-message':
        return this.#remove(command);
      case 'react':
      case 'unreact':
        return this.#react(command);
      case 'pin':
      case 'unpin':
        return this.#pin(command);
    }
  }

  #post({ id, by, text, named }: Of<'post-message'>): Told {
    const before = this.messages.get(id);
    if (before) return before.by === by ? [] : 'conflict';
    const m = this.messages.size + 1;
    const mentions = named.flat();
    const message = { by, m, texts: [text], mentions, deleted: false, reactions: new Map() };
    this.messages.set(id, message);
    return [event('message-posted', { id, m, text, mentions })];
  }

  #edit({ id, by, text, named }: Of<'edit-message'>): Told {
    const message = this.messages.get(id);
    if (!message || message.deleted) return 'not-found';
    if (message.by !== by) return 'forbidden';
    const mentions = named.flat();
    const gone = goneOf(message.mentions.filter((user) => !mentions.includes(user)));
    message.mentions = mentions;
    message.texts.push(text);
    return [event('message-edited', { id, m: message.m, text, mentions, ...gone })];
  }

  #remove({ id, by }: Of<'delete-message'>): Told {
    const message = this.messages.get(id);
    if (!message) return 'not-found';
    if (message.by !== by && by !== this.#owner) return 'forbidden';
    if (message.deleted) return [];
    message.deleted = true;
    this.pins = this.pins.filter((pin) => pin !== id);
    return [event('message-deleted', { id, m: message.m, ...goneOf(message.mentions) })];
  }

  #pin({ id, by, op }: Of<'pin' | 'unpin'>): Told {
    if (by !== this.#owner) return 'forbidden';
    const message = this.messages.get(id);
    if (!message || message.deleted) return 'not-found';
    if (this.pins.includes(id) === (op === 'pin')) return [];
    this.pins = op === 'pin' ? [...this.pins, id] : this.pins.filter((pin) => pin !== id);
    return [event(op === 'pin' ? 'message-pinned' : 'message-unpinned', { id })];
  }

  #react({ id, by, op, emoji }: Of<'react' | 'unreact'>): Told {
    const message = this.messages.get(id);
    if (!message || message.deleted) return 'not-found';
    const { reactions } = message;
    const forms = [...reactions].filter(([form]) => bare(form) === bare(emoji));
    const own = forms.filter(([, who]) => who.has(by));
    if (own.length > 0 === (op === 'react')) return [];
    if (op === 'react') {
      reactions.set(emoji, (reactions.get(emoji) ?? new Set()).add(by));
      return [event('reaction-added', { id, emoji })];
    }
    return own.map(([form, who]) => {
      who.delete(by);
      if (who.size > 0) return event('reaction-removed', { id, emoji: form });
      reactions.delete(form);
      return event('reaction-removed', { id, emoji: form, last: true });
    });
  }

  /** Takes a reaction as an earlier version did, to which every form of an emoji was another one. */
  reacted(id: string, by: string, emoji: string): void {
    const reactions = this.messages.get(id)?.reactions;
    reactions?.set(emoji, (reactions.get(emoji) ?? new Set()).add(by));
  }

  /** What a person should see of all messages, in order, without numbers of events and times. */
  seenBy(user: string) {
    return [...this.messages].map(([id, message]) => {
      const { m, by, texts, mentions, deleted, reactions } = message;
      if (deleted) return { id, m, by, deleted };
      const all = [...reactions].flatMap(([form, who]) =>
        [...who].map((by) => ({ emoji: qualified(form) ?? form, by })),
      );
      const counts = all.map(({ emoji }) => {
        const same = all.filter((each) => each.emoji === emoji);
        const others = same.filter(({ by }) => by !== user).length;
        const me = others < same.length;
        return [emoji, { count: others + (me ? 1 : 0), me }];
      });
      return {
        ...{ id, m, by, text: texts.at(-1), mentions, reactions: Object.fromEntries(counts) },
        ...(this.pins.includes(id) && { pinned: true }),
      };
    });
  }
}
