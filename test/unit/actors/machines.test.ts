import { expect, test } from 'vitest';
import { type AnyStateMachine, getInitialSnapshot, transition } from 'xstate';
import { circleMachine } from '../../../src/actors/circle/machine.ts';
import { connectionMachine } from '../../../src/actors/connection/machine.ts';

/** Where each signal leads from each state, by pure transitions. */
const table = (machine: AnyStateMachine, signals: readonly string[]) =>
  Object.fromEntries(
    Object.keys(machine.states).map((value) => {
      const from = machine.resolveState({ value, context: undefined });
      return [value, signals.map((type) => transition(machine, from, { type })[0].value)];
    }),
  );

test('the lifecycle of a circle: owned → draining → stopped, or lost from anywhere', () => {
  expect(getInitialSnapshot(circleMachine).value).toBe('owned');
  expect(table(circleMachine, ['drain', 'drained', 'lose'])).toEqual({
    owned: ['draining', 'owned', 'lost'],
    draining: ['draining', 'stopped', 'lost'],
    stopped: ['stopped', 'stopped', 'lost'],
    lost: ['lost', 'lost', 'lost'],
  });
  const accepting = Object.keys(circleMachine.states).filter((value) =>
    circleMachine.resolveState({ value, context: undefined } as never).hasTag('accepting'),
  );
  expect(accepting).toEqual(['owned']);
});

test('the lifecycle of a connection: greeting → open → draining → closed, gone at any time', () => {
  expect(getInitialSnapshot(connectionMachine).value).toBe('greeting');
  expect(table(connectionMachine, ['greeted', 'drain', 'gone'])).toEqual({
    greeting: ['open', 'draining', 'closed'],
    open: ['open', 'draining', 'closed'],
    draining: ['draining', 'draining', 'closed'],
    closed: ['closed', 'closed', 'closed'],
  });
});
