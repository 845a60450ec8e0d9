import * as Type from 'typebox';
import { fields, Id, Text } from './field.ts';

const number = { minimum: 1, description: "the message's number in its stream, from 1" };

export const streamKinds = {
  'stream-opened': fields({}, { description: 'always event 1' }),
  'message-posted': fields({
    shown: {
      id: Id,
      m: Type.Integer(number),
      text: Text,
      replyTo: Type.Optional(Id),
      mentions: Type.Array(Id, { description: 'ids of users' }),
    },
  }),
  'message-edited': fields({
    shown: { id: Id, text: Text, mentions: Type.Array(Id, { description: 'ids of users' }) },
    log: {
      m: Type.Optional(Type.Integer(number)),
      unmentioned: Type.Optional(
        Type.Array(Id, { description: 'who was mentioned before and is not any more' }),
      ),
    },
  }),
  'message-deleted': fields(
    {
      shown: { id: Id },
      log: {
        m: Type.Optional(Type.Integer(number)),
        unmentioned: Type.Optional(Type.Array(Id, { description: 'who was mentioned in it' })),
      },
    },
    { description: 'the text of `message-posted` stays in the log' },
  ),
  'reaction-added': fields(
    { shown: { id: Id, emoji: Type.String() } },
    { description: 'by the one in `by`' },
  ),
  'reaction-removed': fields(
    {
      shown: { id: Id, emoji: Type.String() },
      log: {
        last: Type.Optional(Type.Boolean({ description: 'no reactions with it are left' })),
      },
    },
    { description: 'the own reaction of the one in `by`' },
  ),
  'message-pinned': fields({ shown: { id: Id } }),
  'message-unpinned': fields(
    { shown: { id: Id } },
    { description: 'deleting a message unpins it, without this event' },
  ),
};
