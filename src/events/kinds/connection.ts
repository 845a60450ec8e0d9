import * as Type from 'typebox';
import { fields, Id, Text } from './field.ts';

const counts = {
  frames: Type.Integer({ description: 'how many the client had sent' }),
  commands: Type.Integer({ description: 'how many of them were commands' }),
};

/** The events of a user's connections; stored in a log of their own, for 30 days by default. */
export const connectionKinds = {
  'connection-opened': fields(
    {
      log: {
        id: Id,
        session: Id,
        address: Type.Optional(Text),
        userAgent: Type.Optional(Text),
      },
    },
    { description: 'after its `hello` was accepted' },
  ),
  'connection-renewed': fields(
    { log: { id: Id, session: Id } },
    { description: 'a later `hello` with another session of the same user' },
  ),
  'connection-closed': fields(
    {
      log: { id: Id, code: Type.Integer({ description: 'the close code, below 4000' }), ...counts },
    },
    { description: 'the client or the network ended it' },
  ),
  'connection-ended': fields(
    {
      log: {
        id: Id,
        code: Type.Integer({ description: 'the close code, from 4000 on: why' }),
        ...counts,
      },
    },
    { description: 'the server ended it' },
  ),
};
