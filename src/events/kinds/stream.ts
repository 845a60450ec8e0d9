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
  'message-edited': fields({ id: Id, text: Text, mentions: Type.Array(Id) }),
  'message-deleted': fields({ id: Id }),
};
