import { createHash } from 'node:crypto';
import { nameAggregate, userAggregate } from '../../src/events/aggregate.ts';
import type { UserId } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import type { Dice } from './dice.ts';
import type { Round } from './round.ts';
import { textOf, titleOf, usernameOf } from './texts.ts';

/** Somebody with an account. */
export type Person = { readonly id: string; readonly username: string; session: string };

/** A session; its token is nobody's, so it opens nothing. */
const opened = (dice: Dice, id: string) => {
  const digest = createHash('sha256').update(`${id}/${dice.next()}`).digest('base64url');
  return event('session-opened', { id, digest, userAgent: 'seed' });
};

/** Registers somebody: the name first, the account second. */
export const register = (
  { dice, round }: { dice: Dice; round: Round },
  index: number,
  at: number,
): Person => {
  const [id, session] = [dice.id(at), dice.id(at)];
  const username = usernameOf(dice, index);
  const stamp = { by: id, at };
  round.add(nameAggregate(username), stamp, event('name-claimed', { user: id }));
  const named = dice.next() < 0.5 ? { displayName: titleOf(dice) } : {};
  const registered = event('user-registered', { username, ...named });
  round.add(userAggregate(id as UserId), stamp, registered, opened(dice, session));
  return { id, username, session };
};

/** Somebody logs in elsewhere and out where they were, or says something of themselves. */
export const live = (
  { dice, round }: { dice: Dice; round: Round },
  person: Person,
  at: number,
): void => {
  const user = userAggregate(person.id as UserId);
  const stamp = { by: person.id, at };
  if (dice.next() < 0.5) {
    const about = dice.next() < 0.8 ? textOf(dice).slice(0, 200) : null;
    round.add(user, stamp, event('profile-updated', { about }));
    return;
  }
  const session = dice.id(at);
  const closed = event('session-closed', { id: person.session });
  round.add(user, stamp, opened(dice, session), closed);
  person.session = session;
};
