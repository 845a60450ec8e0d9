import Type from 'typebox';
import { fields, Id, Text } from './field.ts';

/** Everything that can happen in a stream of a circle. */
export const streamKinds = {
  'stream-opened': fields({}),
  /** `m`: the message's number in its stream, from 1. */
  'message-posted': fields({
    id: Id,
    m: Type.Integer({ minimum: 1 }),
    text: Text,
    replyTo: Type.Optional(Id),
    mentions: Type.Array(Id),
  }),
  /** `m`: the message's number; `unmentioned`: who was mentioned before and is not any more. */
  'message-edited': fields({
    id: Id,
    m: Type.Optional(Type.Integer({ minimum: 1 })),
    text: Text,
    mentions: Type.Array(Id),
    unmentioned: Type.Optional(Type.Array(Id)),
  }),
  /** `m`: the message's number; `unmentioned`: who was mentioned in it. */
  'message-deleted': fields({
    id: Id,
    m: Type.Optional(Type.Integer({ minimum: 1 })),
    unmentioned: Type.Optional(Type.Array(Id)),
  }),
  'reaction-added': fields({ id: Id, emoji: Type.String() }),
  /** `last`: nobody has reacted with it any more. */
  'reaction-removed': fields({
    id: Id,
    emoji: Type.String(),
    last: Type.Optional(Type.Boolean()),
  }),
  'message-pinned': fields({ id: Id }),
  'message-unpinned': fields({ id: Id }),
};
