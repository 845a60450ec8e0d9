import type { Actors } from '../actors/actors.ts';
import { placeOf } from './operations/streams.ts';
import { Refused, refused } from './refusals.ts';
import type { Caller } from './sessions/sessions.ts';

/** Lets through who may read what `s` names now, as the circle's own actor says; throws `Refused` else. */
export type Gate = (caller: Caller, s: string) => Promise<void>;

export const createGate =
  (actors: Actors): Gate =>
  async (caller, s) => {
    if (s === 'me') return;
    const { circle, stream } = placeOf(s);
    const refusal = await actors.refuseReader(caller.user, circle, stream || undefined);
    if (refusal) throw refused(refusal);
  };

/**
 * Lets through who owns the circle that `s` names, and may therefore ask for its past; throws `Refused` for all
 * others, and for everybody in a direct conversation, which nobody owns.
 */
export const createOwnerGate = (actors: Actors): Gate => {
  const gate = createGate(actors);
  return async (caller, s) => {
    await gate(caller, s);
    if (await actors.isManager(caller.user, placeOf(s).circle)) return;
    throw new Refused('forbidden', { message: 'Only the owner of a circle may ask for its past.' });
  };
};

/**
 * Reads what only those may who pass the gate, and checks again when it has been read: who loses the right meanwhile
 * is told nothing of what came after.
 */
export const guardedBy =
  (gate: Gate) =>
  async <Page>(caller: Caller, s: string, read: () => Page | Promise<Page>): Promise<Page> => {
    await gate(caller, s);
    const page = await read();
    await gate(caller, s);
    return page;
  };
