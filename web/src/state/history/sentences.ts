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
  | 'session-closed';

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

/** The label of a kind, and the sentence of an event after the name of its author. */
type Words = { readonly label: string; readonly sentence: (entry: Entry) => readonly Part[] };

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
const changes = (
  entry: Entry,
  ways: Readonly<Record<string, (entry: Entry) => readonly Part[]>>,
  otherwise: string,
): Part[] => {
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
  (verb: string) =>
  (entry: Entry): Part[] => [`${verb} a message`, ...ofAuthor(entry), ' in ', streamOf(entry)];

const reaction =
  (verb: string) =>
  (entry: Entry): Part[] => {
    const emoji = textOf(entry.after, 'emoji') ?? textOf(entry.before, 'emoji') ?? 'an emoji';
    return [`${verb} `, emoji, ' to a message', ...ofAuthor(entry), ' in ', streamOf(entry)];
  };

const visibilityOf = (fields: Fields): string =>
  textOf(fields, 'visibility') === 'public' ? 'public' : 'private';

/** Exhaustive: a kind without a sentence does not compile. */
const words: Readonly<Record<Kind, Words>> = {
  'circle-created': {
    label: 'Circle created',
    sentence: ({ after }) => [
      `created the ${visibilityOf(after)} circle `,
      ...quoted(textOf(after, 'name')),
    ],
  },
  'circle-updated': {
    label: 'Circle updated',
    sentence: (entry) =>
      changes(
        entry,
        {
          name: () => ['renamed the circle', ...change(entry, 'name')],
          about: () => ['changed the description of the circle', ...change(entry, 'about')],
          visibility: ({ after }) => [`made the circle ${visibilityOf(after)}`],
        },
        'updated the circle',
      ),
  },
  'circle-deleted': { label: 'Circle deleted', sentence: () => ['deleted the circle'] },
  'member-joined': {
    label: 'Member joined',
    sentence: ({ after }) => ['joined', ...(textOf(after, 'invite') ? [' with an invite'] : [])],
  },
  'member-left': { label: 'Member left', sentence: () => ['left'] },
  'member-removed': {
    label: 'Member removed',
    sentence: (entry) => ['removed ', userOf(entry)],
  },
  'member-data-changed': {
    label: 'Nickname or picture',
    sentence: (entry) =>
      changes(
        entry,
        {
          nickname: () => ['changed their nickname', ...change(entry, 'nickname')],
          avatar: () => ['changed their picture in this circle'],
          dataChanged: () => ['changed their private data in this circle'],
        },
        'changed their member data',
      ),
  },
  'stream-created': {
    label: 'Stream created',
    sentence: (entry) => ['created the stream ', streamOf(entry)],
  },
  'stream-updated': {
    label: 'Stream updated',
    sentence: (entry) =>
      changes(
        entry,
        {
          name: () => ['renamed a stream', ...change(entry, 'name')],
          topic: () => ['changed the topic of ', streamOf(entry), ...change(entry, 'topic')],
        },
        'updated a stream',
      ),
  },
  'stream-archived': {
    label: 'Stream archived',
    sentence: (entry) => ['archived ', streamOf(entry)],
  },
  'stream-restored': {
    label: 'Stream unarchived',
    sentence: (entry) => ['unarchived ', streamOf(entry)],
  },
  'stream-deleted': {
    label: 'Stream deleted',
    sentence: (entry) => ['deleted the stream ', streamOf(entry)],
  },
  'invite-created': { label: 'Invite created', sentence: () => ['created an invite'] },
  'invite-revoked': { label: 'Invite revoked', sentence: () => ['revoked an invite'] },
  'stream-opened': { label: 'Stream opened', sentence: (entry) => ['opened ', streamOf(entry)] },
  'message-posted': {
    label: 'Message posted',
    sentence: (entry) => {
      const text = textOf(entry.after, 'text');
      return ['wrote in ', streamOf(entry), ...(text === undefined ? [] : [': ', { quote: text }])];
    },
  },
  'message-edited': {
    label: 'Message edited',
    sentence: (entry) => [...aboutMessage('edited')(entry), ...change(entry, 'text')],
  },
  'message-deleted': {
    label: 'Message deleted',
    sentence: (entry) => {
      const text = textOf(entry.before, 'text');
      return [
        ...aboutMessage('deleted')(entry),
        ...(text === undefined ? [] : [': ', { quote: text }]),
      ];
    },
  },
  'message-pinned': { label: 'Message pinned', sentence: aboutMessage('pinned') },
  'message-unpinned': { label: 'Message unpinned', sentence: aboutMessage('unpinned') },
  'reaction-added': { label: 'Reaction added', sentence: reaction('added') },
  'reaction-removed': {
    label: 'Reaction removed',
    sentence: (entry) => {
      const emoji = textOf(entry.before, 'emoji') ?? textOf(entry.after, 'emoji') ?? 'an emoji';
      return [`removed ${emoji} from a message`, ...ofAuthor(entry), ' in ', streamOf(entry)];
    },
  },
};

/** All kinds with their labels. */
export const kindLabels: readonly (readonly [Kind, string])[] = Object.entries(words).map(
  ([kind, { label }]) => [kind as Kind, label],
);

export const isKind = (name: string): name is Kind => Object.hasOwn(words, name);

/** An event as a sentence. A kind of a newer server, unknown to this page, is shown by its name. */
export const sentenceOf = (entry: AuditEntry): readonly Part[] => {
  const { k, by, before = {}, after = {} } = entry;
  const parts = isKind(k) ? words[k].sentence({ ...entry, before, after }) : [k];
  return [{ user: by }, ' ', ...parts];
};

/** The start of a text on one line, with an ellipsis if it is cut. */
export const shortened = (text: string, max = 140): string =>
  beginningOf(text.replaceAll(/\s+/g, ' '), max);
