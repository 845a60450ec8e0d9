import { hash } from 'node:crypto';
import * as Type from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { type Commit, commitBytesMax, commitEventsMax, type LoggedEvent } from './commit.ts';
import { type EventKind, isKnownKind, schemaOf, versionOf } from './kinds/kinds.ts';
import { type Upcast, upcasters } from './upcasters.ts';

/** The version of the envelope; each event has a version of its own. */
const envelopeVersion = 1;

const EnvelopeSchema = Type.Object({
  v: Type.Literal(envelopeVersion),
  id: Type.String({ minLength: 1 }),
  n: Type.Integer({ minimum: 1 }),
  prev: Type.String(),
  term: Type.Integer(),
  back: Type.Optional(Type.Integer({ minimum: 0 })),
  e: Type.Array(
    Type.Object({
      k: Type.String(),
      v: Type.Integer({ minimum: 1 }),
      at: Type.Integer(),
      by: Type.String(),
      cmd: Type.Optional(Type.String()),
      sum: Type.Optional(Type.String()),
      conn: Type.Optional(Type.String()),
      ses: Type.Optional(Type.String()),
      d: Type.Object({}),
    }),
    { minItems: 1, maxItems: commitEventsMax },
  ),
});
const Envelope = Compile(EnvelopeSchema);

const validators = new Map<EventKind, Validator>();

const validatorOf = (kind: EventKind): Validator => {
  let validator = validators.get(kind);
  if (!validator) {
    validator = Compile(schemaOf[kind]);
    validators.set(kind, validator);
  }
  return validator;
};

/** Bytes that are not a valid commit: damaged, or written by a newer version. The message tells which. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

/** SHA-256 of a commit's bytes, base64url: the `prev` of the aggregate's next commit. */
export const hashOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url');

const checked = (event: LoggedEvent): LoggedEvent => {
  if (!isKnownKind(event.k)) throw new CodecError(`unknown event kind: ${String(event.k)}`);
  if (!validatorOf(event.k).Check(event.d)) {
    const [first] = validatorOf(event.k).Errors(event.d);
    throw new CodecError(
      `invalid data of ${event.k}: ${first?.instancePath || '/'} ${first?.message}`,
    );
  }
  return event;
};

/** The envelope; throws `CodecError` if it is invalid. */
const validated = (envelope: unknown): Type.Static<typeof EnvelopeSchema> => {
  if (Envelope.Check(envelope)) return envelope;
  const [first] = Envelope.Errors(envelope);
  throw new CodecError(`invalid commit: ${first?.instancePath || '/'} ${first?.message}`);
};

/** Encodes a commit as the log stores it; throws `CodecError` if no reader would accept it. */
export const encode = (commit: Commit): Buffer => {
  const { id, n, prev, term, back, events } = commit;
  if (events.length < 1 || events.length > commitEventsMax) {
    throw new CodecError(
      `a commit of ${events.length} events: it must have 1 to ${commitEventsMax}`,
    );
  }
  for (const event of events) checked(event);
  const stepped = back === undefined ? {} : { back };
  const envelope = validated({ v: envelopeVersion, id, n, prev, term, ...stepped, e: events });
  const bytes = Buffer.from(JSON.stringify(envelope));
  if (bytes.length > commitBytesMax) {
    throw new CodecError(
      `a commit of ${bytes.length} bytes: at most ${commitBytesMax} are allowed`,
    );
  }
  return bytes;
};

/** Upcasts an event of an older version, one step at a time, to the newest. */
const upcast = (event: LoggedEvent): LoggedEvent => {
  if (!isKnownKind(event.k)) return event;
  const newest = versionOf(event.k);
  if (event.v === newest) return checked(event);
  if (event.v > newest) return event;
  let current: Upcast = event;
  while (current.v < versionOf(current.k)) {
    const step = upcasters[current.k]?.[current.v];
    if (!step) throw new CodecError(`no upcaster for ${current.k} of version ${current.v}`);
    current = step(current.d as never);
  }
  const { k, v, d } = current;
  return checked({ ...event, k, v, d } as LoggedEvent);
};

/**
 * Whether this version of Oshi knows the kind of the event, and its version. An aggregate with an unknown event
 * cannot be loaded; projections skip the event.
 */
export const isKnown = (event: LoggedEvent): boolean =>
  isKnownKind(event.k) && event.v === versionOf(event.k);

/** Decodes a commit and upcasts its events to their newest versions; throws `CodecError`. */
export const decode = (bytes: Uint8Array): Commit => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch (cause) {
    throw new CodecError('invalid JSON', { cause });
  }
  const { id, n, prev, term, back, e } = validated(parsed);
  const events = (e as unknown as LoggedEvent[]).map(upcast);
  return back === undefined ? { id, n, prev, term, events } : { id, n, prev, term, back, events };
};
