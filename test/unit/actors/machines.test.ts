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

test('the lifecycle of a circle: loading → active → draining → stopped, or fenced from anywhere', () => {
  expect(getInitialSnapshot(circleMachine).value).toBe('loading');
  expect(table(circleMachine, ['loaded', 'drain', 'drained', 'fence'])).toEqual({
    loading: ['active', 'draining', 'loading', 'fenced'],
    active: ['active', 'draining', 'active', 'fenced'],
    draining: ['draining', 'draining', 'stopped', 'fenced'],
    stopped: ['stopped', 'stopped', 'stopped', 'fenced'],
    fenced: ['fenced', 'fenced', 'fenced', 'fenced'],
  });
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
