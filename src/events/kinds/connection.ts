import Type from 'typebox';
import { fields, Id, Text } from './field.ts';

/** What a connection did; kept in a log of its own, for 30 days by default. */
export const connectionKinds = {
  'connection-opened': fields({
    id: Id,
    session: Id,
    address: Type.Optional(Text),
    userAgent: Type.Optional(Text),
  }),
  /** The connection said hello again, with another session of the same user. */
  'connection-renewed': fields({ id: Id, session: Id }),
  /** `code`: the WebSocket close code; `frames`, `commands`: how many the client had sent. */
  'connection-closed': fields({
    id: Id,
    code: Type.Integer(),
    frames: Type.Integer(),
    commands: Type.Integer(),
  }),
};
