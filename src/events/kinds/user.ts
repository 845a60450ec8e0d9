import * as Type from 'typebox';
import { fields, Id, id, Text, textOrNull } from './field.ts';

const description = 'follows from this event of the circle';

/** All events of a user: the account, its sessions, the circles that the user is in. */
export const userKinds = {
  'user-registered': fields(
    { shown: { username: Text, displayName: Type.Optional(Text) } },
    { description: 'the account was opened' },
  ),
  'profile-updated': fields(
    {
      shown: {
        displayName: Type.Optional(textOrNull()),
        avatar: Type.Optional(textOrNull()),
        about: Type.Optional(textOrNull()),
      },
    },
    { description: 'null: removed' },
  ),
  'password-changed': fields({
    log: {
      secret: Type.Optional(
        id({
          description:
            'which hash in the vault counts from now on; the hash itself is there alone; absent: that of the registration',
        }),
      ),
    },
  }),
  'session-opened': fields({
    shown: { id: Id },
    log: {
      digest: Type.String({
        description:
          "SHA-256 of the session's token, base64url; the token is known to its client alone",
      }),
      userAgent: Type.Optional(Text),
    },
  }),
  'session-closed': fields({ shown: { id: Id } }),
  'user-suspended': fields(
    { log: { reason: Type.Optional(Text) } },
    { description: 'an operator has closed the account until it is resumed' },
  ),
  'user-resumed': fields({}, { description: 'the account can be used again' }),
  'user-withdrawn': fields(
    {},
    { description: 'the account was not opened after all: it could not join by its invite' },
  ),
  'circle-joined': fields({ shown: { circle: Id }, log: { n: Type.Integer({ description }) } }),
  'circle-left': fields({ shown: { circle: Id }, log: { n: Type.Integer({ description }) } }),
};
