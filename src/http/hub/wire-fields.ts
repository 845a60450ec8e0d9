import type { EventKind } from '../../events/kinds.ts';

/** What the log keeps of an event for itself: no client sees it. */
export const hidden: { readonly [K in EventKind]?: readonly string[] } = {
  'session-opened': ['digest', 'userAgent'],
  'password-changed': ['secret'],
  'circle-joined': ['n'],
  'circle-left': ['n'],
  'member-data-changed': ['data'],
  'message-edited': ['m', 'unmentioned'],
  'message-deleted': ['m', 'unmentioned'],
  'reaction-removed': ['last'],
};

/** What is told of an event to those alone who may manage its circle. */
export const guarded: { readonly [K in EventKind]?: readonly string[] } = {
  'member-joined': ['invite'],
  'invite-created': ['code'],
  'invite-revoked': ['code'],
};

/** An object without some of its fields; the object itself if none is to go. */
export const without = (d: object, names: readonly string[] | undefined): object =>
  names === undefined
    ? d
    : Object.fromEntries(Object.entries(d).filter(([name]) => !names.includes(name)));
