import type { circleKinds } from '../events/kinds/circle.ts';
import type { DataOf, KnownEvent } from '../events/kinds/kinds.ts';
import type { streamKinds } from '../events/kinds/stream.ts';
import type { PastCircle } from './past-circle.ts';

/** The changed fields before and after an event; null: absent. */
export type Change = { readonly before?: Fields; readonly after?: Fields };
type Fields = { readonly [field: string]: unknown };

export type TrailKind = keyof typeof circleKinds | keyof typeof streamKinds;

/** The state before the event, as far as it was looked up. */
export type Before = {
  readonly circle?: PastCircle;
  /** The message of the event: its author and text. */
  readonly message?: { readonly author: string; readonly text?: string };
};

type ChangeOf<K extends TrailKind> = (d: DataOf<K>, before: Before) => Change;

const named = (was: object | undefined, change: { readonly [field: string]: unknown }): Change => {
  const fields = Object.keys(change).filter((field) => change[field] !== undefined);
  const old = (was ?? {}) as { readonly [field: string]: unknown };
  return {
    ...(was && { before: Object.fromEntries(fields.map((field) => [field, old[field] ?? null])) }),
    after: Object.fromEntries(fields.map((field) => [field, change[field]])),
  };
};

const gone = ({ user }: { readonly user: string }, { circle }: Before): Change => {
  const member = circle?.members.get(user);
  if (!member) return { before: { user } };
  const { joinedAt, nickname } = member;
  return { before: { user, joinedAt, ...(nickname !== undefined && { nickname }) } };
};

const turned = (field: string, to: boolean) => (): Change => ({
  before: { [field]: !to },
  after: { [field]: to },
});

const changes: { readonly [K in TrailKind]: ChangeOf<K> } = {
  'circle-created': (d) => ({ after: d }),
  'circle-updated': (d, { circle }) => named(circle, d),
  'circle-deleted': (_, { circle }) =>
    circle ? { before: { name: circle.name, members: circle.members.size } } : {},
  'member-joined': (d) => ({ after: d }),
  'member-left': gone,
  'member-removed': gone,
  // A member's own data is private: only that it changed is shown.
  'member-data-changed': ({ user, data, ...shown }, { circle }) => {
    const { before, after } = named(circle?.members.get(user), shown);
    return {
      ...(before && Object.keys(before).length > 0 && { before }),
      after: { ...after, ...(data !== undefined && { dataChanged: true }) },
    };
  },
  'stream-created': ({ id: _, ...d }) => ({ after: d }),
  'stream-updated': ({ id, ...d }, { circle }) => named(circle?.streams.get(id), d),
  'stream-archived': turned('archived', true),
  'stream-restored': turned('archived', false),
  'stream-deleted': ({ id }, { circle }) => {
    const stream = circle?.streams.get(id);
    if (!stream) return {};
    const { name, topic } = stream;
    return { before: { name, ...(topic !== undefined && { topic }) } };
  },
  'invite-created': (d) => ({ after: d }),
  'invite-revoked': ({ code }, { circle }) => {
    const invite = circle?.invites.get(code);
    if (!invite) return { before: { code } };
    const { by, maxUses, uses, expiresAt } = invite;
    return {
      before: { code, by, maxUses, uses, ...(expiresAt !== undefined && { expiresAt }) },
    };
  },
  'stream-opened': () => ({}),
  'message-posted': ({ text, replyTo }) => ({
    after: { text, ...(replyTo !== undefined && { replyTo }) },
  }),
  'message-edited': ({ text }, { message }) => ({
    ...(message?.text !== undefined && { before: { text: message.text } }),
    after: { text },
  }),
  'message-deleted': (_, { message }) => (message ? { before: message } : {}),
  'reaction-added': ({ emoji }) => ({ after: { emoji } }),
  'reaction-removed': ({ emoji }) => ({ before: { emoji } }),
  'message-pinned': turned('pinned', true),
  'message-unpinned': turned('pinned', false),
};

/** What an event changed; empty if it is not an event of a circle. Does not contain members' own data. */
export const changeOf = ({ k, d }: KnownEvent, before: Before): Change => {
  const change = (changes as { readonly [kind: string]: ChangeOf<never> | undefined })[k];
  return change?.(d as never, before) ?? {};
};

const fromCircle: ReadonlySet<string> = new Set<TrailKind>([
  'circle-updated',
  'circle-deleted',
  'member-left',
  'member-removed',
  'member-data-changed',
  'stream-updated',
  'stream-deleted',
  'invite-revoked',
]);

/** Whether `changeOf` needs the circle before the event. */
export const needsCircle = (k: string): boolean => fromCircle.has(k);

/** Whether `changeOf` needs the message before the event. */
export const needsMessage = (k: string): boolean =>
  k === 'message-edited' || k === 'message-deleted';
