import type { Access } from '../access/access.ts';
import type { ActorsPort } from '../actors/port.ts';
import { parseStreamPath } from '../events/stream-path.ts';
import { Refused } from './refusals.ts';
import type { Caller } from './sessions/sessions.ts';

/**
 * Returns a caller's access to the event stream `s`, as decided by the circle's actor. Throws `Refused` if they may not
 * read it.
 */
export type Gate = (caller: Caller, s: string) => Promise<Access>;

const ownAccess: Access = { refusal: undefined, manages: false, pins: false };

export const createGate =
  (actors: Pick<ActorsPort, 'accessOf'>): Gate =>
  async ({ user }, s) => {
    if (s === 'me') return ownAccess;
    const { circle, stream } = parseStreamPath(s);
    const access = await actors.accessOf(user, circle, stream || undefined);
    if (access.refusal) throw new Refused(access.refusal);
    return access;
  };

/**
 * Admits only the owner of the circle, for its history. Throws `Refused` for everyone else, and always in a direct
 * conversation, which has no owner.
 */
export const createOwnerGate = (actors: Pick<ActorsPort, 'accessOf'>): Gate => {
  const gate = createGate(actors);
  return async (caller, s) => {
    const access = await gate(caller, s);
    if (access.manages) return access;
    throw new Refused('forbidden', { message: 'Only the owner of a circle may read its history.' });
  };
};

/** Reads behind a gate that is checked again afterwards, so that a user who loses access meanwhile receives nothing. */
export const guardedBy =
  (gate: Gate) =>
  async <Page>(caller: Caller, s: string, read: () => Page | Promise<Page>): Promise<Page> => {
    await gate(caller, s);
    const page = await read();
    await gate(caller, s);
    return page;
  };
