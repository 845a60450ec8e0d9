import { event } from '../../src/events/kinds/kinds.ts';
import type { Message, Stream } from './circles.ts';
import type { Dice } from './dice.ts';
import type { Person } from './people.ts';
import type { Round } from './round.ts';
import { emojis, textOf } from './texts.ts';

type Tools = { readonly dice: Dice; readonly round: Round };

/** So many messages of a stream may still be changed; who looks further back is left out of this history. */
const recentMax = 8;

/** One thing that happens in a stream; each is one event, and one that the rules allow. */
export const happen = (tools: Tools, stream: Stream, at: number): void => {
  const { dice } = tools;
  const message = stream.recent.length > 0 ? dice.pick(stream.recent) : undefined;
  const chance = dice.next();
  if (!message || chance < 0.78) post(tools, stream, at);
  else if (chance < 0.9) react(tools, { stream, message }, at);
  else if (chance < 0.955) edit(tools, { stream, message }, at);
  else if (chance < 0.98) remove(tools, { stream, message }, at);
  else pin(tools, { stream, message }, at);
};

type Target = { readonly stream: Stream; readonly message: Message };

/** A text, and who is mentioned in it: one member, now and then. */
const written = (dice: Dice, members: readonly Person[]) => {
  const mentioned = dice.next() < 0.06 ? dice.pick(members) : undefined;
  const text = textOf(dice);
  if (!mentioned) return { text, mentions: [] };
  return { text: `@${mentioned.username} ${text}`, mentions: [mentioned.id] };
};

const post = ({ dice, round }: Tools, stream: Stream, at: number): void => {
  const by = dice.pick(stream.circle.members);
  const { text, mentions } = written(dice, stream.circle.members);
  const answered =
    stream.recent.length > 0 && dice.next() < 0.1 ? dice.pick(stream.recent) : undefined;
  const replyTo = answered ? { replyTo: answered.id } : {};
  const id = dice.id(at);
  stream.m++;
  const posted = event('message-posted', { id, m: stream.m, text, ...replyTo, mentions });
  round.add(stream.aggregate, { by: by.id, at }, posted);
  stream.recent.push({ id, m: stream.m, by, mentions });
  if (stream.recent.length > recentMax) stream.recent.shift();
};

const edit = ({ dice, round }: Tools, { stream, message }: Target, at: number): void => {
  const { members } = stream.circle;
  if (!members.includes(message.by)) {
    post({ dice, round }, stream, at);
    return;
  }
  const { text, mentions } = written(dice, members);
  const gone = message.mentions.filter((user) => !mentions.includes(user));
  const unmentioned = gone.length > 0 ? { unmentioned: gone } : {};
  const { id, m } = message;
  const edited = event('message-edited', { id, m, text, mentions, ...unmentioned });
  round.add(stream.aggregate, { by: message.by.id, at }, edited);
  message.mentions = mentions;
};

const remove = ({ dice, round }: Tools, { stream, message }: Target, at: number): void => {
  const { owner, members } = stream.circle;
  const by = members.includes(message.by) ? message.by : owner;
  if (!by) {
    post({ dice, round }, stream, at);
    return;
  }
  const { id, m, mentions } = message;
  const unmentioned = mentions.length > 0 ? { unmentioned: [...mentions] } : {};
  const deleted = event('message-deleted', { id, m, ...unmentioned });
  round.add(stream.aggregate, { by: by.id, at }, deleted);
  stream.recent.splice(stream.recent.indexOf(message), 1);
  stream.pins.delete(id);
};

const react = ({ dice, round }: Tools, { stream, message }: Target, at: number): void => {
  const { id } = message;
  const reactions = message.reactions ?? new Map<string, Set<string>>();
  message.reactions = reactions;
  const { id: by } = dice.pick(stream.circle.members);
  const emoji = dice.pick(emojis);
  const who = reactions.get(emoji) ?? new Set<string>();
  reactions.set(emoji, who);
  if (!who.has(by)) {
    who.add(by);
    round.add(stream.aggregate, { by, at }, event('reaction-added', { id, emoji }));
    return;
  }
  who.delete(by);
  const last = who.size === 0 ? { last: true } : {};
  round.add(stream.aggregate, { by, at }, event('reaction-removed', { id, emoji, ...last }));
};

const pin = ({ dice, round }: Tools, { stream, message }: Target, at: number): void => {
  const { circle, pins } = stream;
  const { id: by } = circle.owner ?? dice.pick(circle.members);
  const { id } = message;
  const isPinned = pins.has(id);
  if (isPinned) pins.delete(id);
  else pins.add(id);
  const change = isPinned ? event('message-unpinned', { id }) : event('message-pinned', { id });
  round.add(stream.aggregate, { by, at }, change);
};
