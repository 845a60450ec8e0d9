import Type from 'typebox';
import { fields, Id, Milliseconds, personal, Text } from './field.ts';

export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);
export const CircleKind = Type.Union([Type.Literal('circle'), Type.Literal('direct')]);

/** Everything that can happen to a circle: its members, streams, invites and settings. */
export const circleKinds = {
  'circle-created': fields({
    kind: CircleKind,
    name: Text,
    visibility: Visibility,
    about: Type.Optional(Text),
    /** Absent in a direct conversation, which nobody owns. */
    owner: Type.Optional(Id),
  }),
  'circle-updated': fields({
    name: Type.Optional(Text),
    about: Type.Optional(Type.Union([Text, Type.Null()])),
    visibility: Type.Optional(Visibility),
  }),
  'circle-deleted': fields({}),
  'member-joined': fields({ user: Id, invite: Type.Optional(Type.String()) }),
  'member-left': fields({ user: Id }),
  'member-removed': fields({ user: Id }),
  /** Each field that is named is replaced; null removes it. `data`: JSON of the member's own. */
  'member-data-changed': fields({
    user: Id,
    nickname: Type.Optional(Type.Union([Text, Type.Null()])),
    avatar: Type.Optional(Type.Union([Text, Type.Null()])),
    data: Type.Optional(personal(Type.Unknown())),
  }),
  'stream-created': fields({ id: Id, name: Text, topic: Type.Optional(Text) }),
  'stream-updated': fields({
    id: Id,
    name: Type.Optional(Text),
    topic: Type.Optional(Type.Union([Text, Type.Null()])),
  }),
  'stream-archived': fields({ id: Id }),
  'stream-restored': fields({ id: Id }),
  'stream-deleted': fields({ id: Id }),
  /** `maxUses` 0: any number; `expiresAt` absent: never. */
  'invite-created': fields({
    code: Type.String(),
    maxUses: Type.Integer({ minimum: 0 }),
    expiresAt: Type.Optional(Milliseconds),
  }),
  'invite-revoked': fields({ code: Type.String() }),
};
