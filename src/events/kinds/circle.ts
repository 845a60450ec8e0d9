import * as Type from 'typebox';
import { fields, Id, id, milliseconds, personal, Text, textOrNull } from './field.ts';

export const Visibility = Type.Union([Type.Literal('public'), Type.Literal('private')]);
export const CircleKind = Type.Union([Type.Literal('circle'), Type.Literal('direct')]);

/** All events of a circle: its members, streams, invites and settings. */
export const circleKinds = {
  'circle-created': fields({
    shown: {
      kind: CircleKind,
      name: Text,
      visibility: Visibility,
      about: Type.Optional(Text),
      owner: Type.Optional(id({ description: 'absent in a direct circle, which has no owner' })),
    },
  }),
  'circle-updated': fields(
    {
      shown: {
        name: Type.Optional(Text),
        about: Type.Optional(textOrNull({ description: 'null: removed' })),
        visibility: Type.Optional(Visibility),
      },
    },
    { description: 'each field that is named is replaced' },
  ),
  'circle-deleted': fields({}, { description: 'with all its streams' }),
  'member-joined': fields({
    shown: { user: Id },
    managers: { invite: Type.Optional(Type.String({ description: 'the code that let them in' })) },
  }),
  'member-left': fields({ shown: { user: Id } }),
  'member-removed': fields({ shown: { user: Id } }, { description: 'by the one in `by`' }),
  'member-data-changed': fields(
    {
      shown: {
        user: Id,
        nickname: Type.Optional(textOrNull()),
        avatar: Type.Optional(textOrNull()),
      },
      log: {
        data: Type.Optional(personal(Type.Unknown({ description: "JSON of the member's own" }))),
      },
    },
    { description: 'each field that is named is replaced; null: removed' },
  ),
  'stream-created': fields({ shown: { id: Id, name: Text, topic: Type.Optional(Text) } }),
  'stream-updated': fields(
    {
      shown: {
        id: Id,
        name: Type.Optional(Text),
        topic: Type.Optional(textOrNull({ description: 'null: removed' })),
      },
    },
    { description: 'each field that is named is replaced' },
  ),
  'stream-archived': fields({ shown: { id: Id } }),
  'stream-restored': fields({ shown: { id: Id } }, { description: 'no longer archived' }),
  'stream-deleted': fields({ shown: { id: Id } }),
  'invite-created': fields({
    shown: {
      maxUses: Type.Integer({ minimum: 0, description: '0: any number' }),
      expiresAt: Type.Optional(milliseconds({ description: 'in ms since 1970; absent: never' })),
    },
    managers: { code: Type.String() },
  }),
  'invite-revoked': fields({ managers: { code: Type.String() } }),
};
