import Type from 'typebox';
import { fields, Id, Text } from './field.ts';

const nullable = Type.Union([Text, Type.Null()]);

/** Everything that can happen to a user: the account, its sessions, the circles that the user is in. */
export const userKinds = {
  'user-registered': fields({ username: Text, displayName: Type.Optional(Text) }),
  'profile-updated': fields({
    displayName: Type.Optional(nullable),
    avatar: Type.Optional(nullable),
    about: Type.Optional(nullable),
  }),
  /** `secret`: which hash in the vault counts from now on; absent: that of the registration. */
  'password-changed': fields({ secret: Type.Optional(Id) }),
  /** `token`: SHA-256 of the session's token, base64url; the token itself is known to its client alone. */
  'session-opened': fields({ id: Id, token: Type.String(), userAgent: Type.Optional(Text) }),
  'session-closed': fields({ id: Id }),
  /** `n`: the number of the circle's event that this follows from, by which a repeat is recognised. */
  'circle-joined': fields({ circle: Id, n: Type.Integer() }),
  'circle-left': fields({ circle: Id, n: Type.Integer() }),
};
