import type { Actors } from '../../actors/actors.ts';
import { placeOf } from '../operations/streams.ts';
import { refused } from '../refusals.ts';
import type { Caller } from '../sessions.ts';

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
