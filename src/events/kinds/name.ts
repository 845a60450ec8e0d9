import { fields, Id } from './field.ts';

/** Everything that can happen to a username: it is claimed for a user, or let go. */
export const nameKinds = {
  'name-claimed': fields({ log: { user: Id } }),
  'name-released': fields(
    { log: { user: Id } },
    { description: 'a claim without an account was let go' },
  ),
};
