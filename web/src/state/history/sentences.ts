import type { StreamEvent } from '../../../../src/client/frames.ts';
import type { AuditEntry } from '../../../../src/client/objects.ts';
import { beginningOf } from '../../../../src/text/graphemes.ts';

type UserKind =
  | 'user-registered'
  | 'profile-updated'
  | 'password-changed'
  | 'circle-joined'
  | 'circle-left'
  | 'session-opened'
  | 'session-closed'
  | 'user-suspended'
  | 'user-resumed'
  | 'user-withdrawn';

/** The kinds of events of a circle and its streams. */
export type Kind = Exclude<StreamEvent['k'], UserKind>;

/** A part of a sentence: text, a user, a stream, or a quote. */
export type Part =
  | string
  | { readonly user: string }
  | { readonly stream: string; readonly name?: string | undefined }
  | { readonly quote: string };

type Fields = Readonly<Record<string, unknown>>;
type Entry = AuditEntry & { readonly before: Fields; readonly after: Fields };

type Sentence = (entry: Entry) => readonly Part[];

const textOf = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const quoted = (text: string | undefined): Part[] => (text === undefined ? [] : [{ quote: text }]);

/** `: before → after`, as far as known. */
const change = ({ before, after }: Entry, field: string): Part[] => {
  const [was, is] = [textOf(before, field), textOf(after, field)];
  if (was === undefined && is === undefined) return [];
  if (is === undefined) return [': ', ...quoted(was), ' → (empty)'];
  return [': ', ...(was === undefined ? ['(empty)'] : quoted(was)), ' → ', ...quoted(is)];
};

const isNamed = ({ before, after }: Entry, field: string): boolean =>
  field in before || field in after;

/** The sentences of the changed fields; `otherwise` if none is known. */
const changes =
  (ways: Readonly<Record<string, Sentence>>, otherwise: string): Sentence =>
  (entry) => {
    const changed = Object.entries(ways)
      .filter(([field]) => isNamed(entry, field))
      .map(([, sentence]) => sentence(entry));
    if (changed.length === 0) return [otherwise];
    return changed.flatMap((parts, index) => (index === 0 ? parts : ['; ', ...parts]));
  };

const streamOf = (entry: Entry): Part =>
  entry.stream === undefined
    ? 'a stream'
    : {
        stream: entry.stream,
        // In its own events a stream has its name at that time.
        name:
          entry.of === 'circle'
            ? (textOf(entry.after, 'name') ?? textOf(entry.before, 'name'))
            : undefined,
      };

const userOf = ({ user }: Entry): Part => (user === undefined ? 'a user' : { user });

/** The author of the message, if another user acted on it. */
const ofAuthor = ({ by, user, before }: Entry): Part[] => {
  const author = textOf(before, 'author') ?? user;
  return author === undefined || author === by ? [] : [' of ', { user: author }];
};

const aboutMessage =
  (verb: string): Sentence =>
  (entry) => [`${verb} a message`, ...ofAuthor(entry), ' in ', streamOf(entry)];

/** `: text`, if known. */
const withText = (fields: Fields): Part[] => {
  const text = textOf(fields, 'text');
  return text === undefined ? [] : [': ', { quote: text }];
};

const reaction =
  (verb: string, preposition: string): Sentence =>
  (entry) => {
    const emoji = textOf(entry.after, 'emoji') ?? textOf(entry.before, 'emoji') ?? 'an emoji';
    const message = ` ${preposition} a message`;
    return [`${verb} `, emoji, message, ...ofAuthor(entry), ' in ', streamOf(entry)];
  };

const visibilityOf = (fields: Fields): string =>
  textOf(fields, 'visibility') === 'public' ? 'public' : 'private';

const circleFields: Readonly<Record<string, Sentence>> = {
  name: (entry) => ['renamed the circle', ...change(entry, 'name')],
  about: (entry) => ['changed the description of the circle', ...change(entry, 'about')],
  visibility: ({ after }) => [`made the circle ${visibilityOf(after)}`],
};

const memberFields: Readonly<Record<string, Sentence>> = {
  nickname: (entry) => ['changed their nickname', ...change(entry, 'nickname')],
  avatar: () => ['changed their picture in this circle'],
  dataChanged: () => ['changed their private data in this circle'],
};

const streamFields: Readonly<Record<string, Sentence>> = {
  name: (entry) => ['renamed a stream', ...change(entry, 'name')],
  topic: (entry) => ['changed the topic of ', streamOf(entry), ...change(entry, 'topic')],
};

/**
 * The label of each kind, and the sentence of an event after the name of its author. Exhaustive: a kind without a
 * sentence does not compile.
 */
const words: Readonly<Record<Kind, readonly [label: string, sentence: Sentence]>> = {
  'circle-created': [
    'Circle created',
    ({ after }) => [`created the ${visibilityOf(after)} circle `, ...quoted(textOf(after, 'name'))],
  ],
  'circle-updated': ['Circle updated', changes(circleFields, 'updated the circle')],
  'circle-deleted': ['Circle deleted', () => ['deleted the circle']],
  'member-joined': [
    'Member joined',
    ({ after }) => ['joined', ...(textOf(after, 'invite') ? [' with an invite'] : [])],
  ],
  'member-left': ['Member left', () => ['left']],
  'member-removed': ['Member removed', (entry) => ['removed ', userOf(entry)]],
  'member-data-changed': [
    'Nickname or picture',
    changes(memberFields, 'changed their member data'),
  ],
  'stream-created': ['Stream created', (entry) => ['created the stream ', streamOf(entry)]],
  'stream-updated': ['Stream updated', changes(streamFields, 'updated a stream')],
  'stream-archived': ['Stream archived', (entry) => ['archived ', streamOf(entry)]],
  'stream-restored': ['Stream unarchived', (entry) => ['unarchived ', streamOf(entry)]],
  'stream-deleted': ['Stream deleted', (entry) => ['deleted the stream ', streamOf(entry)]],
  'invite-created': ['Invite created', () => ['created an invite']],
  'invite-revoked': ['Invite revoked', () => ['revoked an invite']],
  'stream-opened': ['Stream opened', (entry) => ['opened ', streamOf(entry)]],
  'message-posted': [
    'Message posted',
    (entry) => ['wrote in ', streamOf(entry), ...withText(entry.after)],
  ],
  'message-edited': [
    'Message edited',
    (entry) => [...aboutMessage('edited')(entry), ...change(entry, 'text')],
  ],
  'message-deleted': [
    'Message deleted',
    (entry) => [...aboutMessage('deleted')(entry), ...withText(entry.before)],
  ],
  'message-pinned': ['Message pinned', aboutMessage('pinned')],
  'message-unpinned': ['Message unpinned', aboutMessage('unpinned')],
  'reaction-added': ['Reaction added', reaction('added', 'to')],
  'reaction-removed': ['Reaction removed', reaction('removed', 'from')],
};

/** All kinds with their labels. */
export const kindLabels: readonly (readonly [Kind, string])[] = Object.entries(words).map(
  ([kind, [label]]) => [kind as Kind, label],
);

export const isKind = (name: string): name is Kind => Object.hasOwn(words, name);

/** An event as a sentence. A kind of a newer server, unknown to this page, is shown by its name. */
export const sentenceOf = (entry: AuditEntry): readonly Part[] => {
  const { k, by, before = {}, after = {} } = entry;
  const parts = isKind(k) ? words[k][1]({ ...entry, before, after }) : [k];
  return [{ user: by }, ' ', ...parts];
};

/** The start of a text on one line, with an ellipsis if it is cut. */
export const shortened = (text: string, max = 140): string =>
  beginningOf(text.replaceAll(/\s+/g, ' '), max);
