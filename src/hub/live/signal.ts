import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { type Check, check, type Violation } from '../../app/validation.ts';

const Typing = field.closed({
  t: Type.Literal('sig'),
  s: field.StreamPath,
  k: Type.Literal('typing'),
  d: Type.Optional(field.closed({})),
});
const Presence = field.closed({
  t: Type.Literal('sig'),
  s: Type.Literal('me'),
  k: Type.Literal('presence'),
  d: field.closed({ status: Type.Union([Type.Literal('online'), Type.Literal('idle')]) }),
});

export const signalForms = [Typing, Presence] as const;

/** A signal that a client may send. */
export type Signal = Type.Static<typeof Typing> | Type.Static<typeof Presence>;

const forms: ReadonlyMap<string, Pick<Check<Type.TSchema>, 'violation'>> = new Map<
  string,
  Pick<Check<Type.TSchema>, 'violation'>
>([
  ['typing', check(Typing)],
  ['presence', check(Presence)],
]);

/** Validates a signal. One of an unknown kind is valid: it is ignored. */
export const signalViolation = (frame: { readonly k: string }): Violation | undefined =>
  forms.get(frame.k)?.violation(frame);

/** Whether a valid signal is of a known kind. */
export const isSignal = (frame: { readonly k: string }): frame is Signal => forms.has(frame.k);
