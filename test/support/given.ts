import { expect } from 'vitest';
import type { Stamp } from '../../src/actors/command.ts';
import type { RefusalCode } from '../../src/actors/decision.ts';
import type { Rules } from '../../src/actors/rules.ts';
import type { KnownEvent } from '../../src/events/kinds/kinds.ts';
import { numbered } from './chatter.ts';

/** When everything happens that says nothing else, in ms since 1970. */
export const epochMs = 1_700_000_000_000;

/** An event of the past; unless it says so, by person 1 at `epochMs`. */
export type Past<Event> = Event & { readonly by?: string; readonly at?: number };

/** The state that a past leads to. */
export const folded = <State, Command extends Stamp, Event extends KnownEvent, World>(
  rules: Rules<State, Command, Event, World>,
  past: readonly Past<Event>[],
): State => {
  const state = rules.initial();
  for (const [index, event] of past.entries()) {
    const { by = numbered(1), at = epochMs } = event;
    rules.evolve(state, event, { n: index + 1, at, by, seq: index });
  }
  return state;
};

/** `given(past, world).when(command)` decides; what follows says what must have come of it. */
export const givenBy =
  <State, Command extends Stamp, Event extends KnownEvent, World>(
    rules: Rules<State, Command, Event, World>,
  ) =>
  (past: readonly Past<Event>[], world?: World) => ({
    when(command: Command) {
      const state = folded(rules, past);
      const before = JSON.stringify(rules.freeze(state));
      const decision = rules.decide(state, command, world as World);
      expect(JSON.stringify(rules.freeze(state)), 'a decision only reads').toBe(before);
      return {
        decision,
        /** What the asker is told beside the events. */
        answers: (answer: unknown) => expect(decision).toEqual(expect.objectContaining({ answer })),
        records: (...events: Event[]) =>
          expect(decision).toEqual(expect.objectContaining({ events })),
        /** What was asked for is there already. */
        changesNothing: () => expect(decision).toEqual({ events: [] }),
        /** It was done before: the first answer. */
        repeats: (answer?: unknown) =>
          expect(decision).toEqual({ events: [], answer, repeated: true }),
        refuses: (refused: RefusalCode, field?: string) =>
          expect(decision).toEqual({ refused, field }),
      };
    },
  });
