import { fields, Id } from './field.ts';

/** All events of a username: it is claimed for a user, or released. */
export const nameKinds = {
  'name-claimed': fields({ log: { user: Id } }),
  'name-released': fields(
    { log: { user: Id } },
    { description: 'a claim without an account was released' },
  ),
};
