import type { Person } from '../../support/fixtures/server-people.ts';
import type { Chance } from '../../support/generators/chance.ts';

/** What an attack is told. */
export type Attack = {
  readonly url: string;
  /** It ends at this time of `performance.now`. */
  readonly until: number;
  /** Generated inputs that are tried at least, however long that takes. */
  readonly inputsMin: number;
  readonly chance: Chance;
  /** An account of the attacker's. */
  readonly rogue: Person;
  /** The stream in which others talk. */
  readonly s: string;
};

/** An attack of one kind; gives what it did, in words, and what it saw that must not be. */
export type Kind = (attack: Attack) => Promise<Did>;

export type Did = { readonly did: string; readonly faults?: readonly string[] };
