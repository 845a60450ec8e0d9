import * as Type from 'typebox';
import * as field from '../../app/fields.ts';
import { limits } from '../../app/limits/limits.ts';
import { type Check, check, type Violation } from '../../app/validation.ts';
import { signalViolation } from '../../hub/live/signal.ts';

/** The id of a request, which its answer repeats. */
const RequestId = Type.String({ minLength: 1, maxLength: 64 });

const Hello = field.closed({
  t: Type.Literal('hello'),
  id: RequestId,
  v: Type.Integer(),
  token: Type.Optional(Type.String()),
  username: Type.Optional(field.GivenUsername),
  password: Type.Optional(field.GivenPassword),
});
const Sub = field.closed({
  t: Type.Literal('sub'),
  id: RequestId,
  s: field.EventStreamName,
  after: Type.Optional(field.Count),
  epoch: Type.Optional(Type.String({ maxLength: 256 })),
  last: Type.Optional(Type.Integer({ minimum: 0, maximum: limits.pageMax })),
});
const Unsub = field.closed({ t: Type.Literal('unsub'), id: RequestId, s: field.EventStreamName });
const Cmd = field.closed({
  t: Type.Literal('cmd'),
  id: RequestId,
  op: Type.String(),
  d: Type.Record(Type.String(), Type.Unknown()),
  key: Type.Optional(Type.String()),
});
/** The page of a stream's history, with one bound at most. */
export const page = {
  before: Type.Optional(field.Count),
  after: Type.Optional(field.Count),
  around: Type.Optional(field.Count),
  limit: Type.Optional(field.Limit),
};
const Get = field.closed({ t: Type.Literal('get'), id: RequestId, s: field.StreamPath, ...page });
const Sig = field.closed({
  t: Type.Literal('sig'),
  s: field.EventStreamName,
  k: Type.String({ maxLength: 64 }),
  d: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
const Pong = field.closed({ t: Type.Literal('pong'), n: Type.Integer() });

export type HelloFrame = Type.Static<typeof Hello>;
export type SubFrame = Type.Static<typeof Sub>;
export type UnsubFrame = Type.Static<typeof Unsub>;
export type CmdFrame = Type.Static<typeof Cmd>;
export type GetFrame = Type.Static<typeof Get>;
export type SigFrame = Type.Static<typeof Sig>;
export type PongFrame = Type.Static<typeof Pong>;

/** A frame that is answered. */
export type RequestFrame = HelloFrame | SubFrame | UnsubFrame | CmdFrame | GetFrame;
export type ClientFrame = RequestFrame | SigFrame | PongFrame;

/** `after` goes with `epoch`, and not with `last` (W5). */
const subViolation = ({ after, epoch, last }: SubFrame): Violation | undefined => {
  if (after !== undefined && last !== undefined) {
    return { field: 'last', message: 'either after or last, not both' };
  }
  if ((after === undefined) === (epoch === undefined)) return undefined;
  const field = after === undefined ? 'after' : 'epoch';
  return { field, message: 'after and epoch go together' };
};

/** A page has at most one starting point. */
export const pageViolation = (range: {
  readonly before?: unknown;
  readonly after?: unknown;
  readonly around?: unknown;
}): Violation | undefined => {
  const bounds = (['before', 'after', 'around'] as const).filter((key) => range[key] !== undefined);
  const [, second] = bounds;
  if (second === undefined) return undefined;
  return { field: second, message: 'at most one of before, after and around' };
};

type FrameCheck = Check<Type.TSchema>;

/** A schema check followed by a further check. */
const both = <Frame>(
  form: FrameCheck,
  sense: (frame: Frame) => Violation | undefined,
): FrameCheck => ({
  schema: form.schema,
  violation: (frame) => form.violation(frame) ?? sense(frame as Frame),
});

/** All frames that a client may send, by `t`. */
export const clientFrames: ReadonlyMap<string, FrameCheck> = new Map<string, FrameCheck>([
  ['hello', check(Hello)],
  ['sub', both(check(Sub), subViolation)],
  ['unsub', check(Unsub)],
  ['cmd', check(Cmd)],
  ['get', both(check(Get), pageViolation)],
  ['sig', both(check(Sig), signalViolation)],
  ['pong', check(Pong)],
]);

/** The id of a frame for its answer, if it is valid. */
export const idOf = (frame: { readonly id?: unknown }): string | undefined =>
  typeof frame.id === 'string' && frame.id.length >= 1 && frame.id.length <= 64
    ? frame.id
    : undefined;

/** A JSON object with a string `t`. */
export type Frame = { readonly t: string; readonly id?: unknown };

/** Parses a text message; undefined if it is not a frame. */
export const frameIn = (data: Buffer): Frame | undefined => {
  try {
    const value: unknown = JSON.parse(data.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return 't' in value && typeof value.t === 'string' ? (value as Frame) : undefined;
  } catch {
    return undefined;
  }
};
