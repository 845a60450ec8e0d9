import { createHash } from 'node:crypto';
import { wallClock } from '../runtime/clock.ts';
import { fillRandom } from '../runtime/random.ts';

type Brand<Name extends string> = string & { readonly __brand: Name };

/** A person's account; a UUID minted by the server at registration. */
export type UserId = Brand<'UserId'>;
/** A circle; a version 7 UUID minted by the client (version 8 for direct conversations). */
export type CircleId = Brand<'CircleId'>;
/** A stream of a circle, unique within it; a version 7 UUID minted by the client. */
export type StreamId = Brand<'StreamId'>;
/** A message, unique within its stream; a version 7 UUID minted by the client. */
export type MessageId = Brand<'MessageId'>;
/** One login of one person on one device. */
export type SessionId = Brand<'SessionId'>;
/** One WebSocket, from its greeting to its close. */
export type ConnectionId = Brand<'ConnectionId'>;

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether the text is a lower-case UUID in the form of RFC 9562, of any version. */
export const isUuid = (text: string): boolean => text.length === 36 && uuidForm.test(text);

/** Whether the text is a lower-case UUID of version 7 with RFC 9562's variant, whatever time it carries. */
export const isUuid7 = (text: string): boolean =>
  isUuid(text) && text[14] === '7' && '89ab'.includes(text.charAt(19));

/**
 * The id of the direct conversation of two people, whichever comes first: a version 8 UUID of the SHA-256 of
 * `oshi/direct/<lesser id>/<greater id>` (RFC 9562, section 5.8).
 */
export const directCircle = (one: UserId, other: UserId): CircleId => {
  const [lesser, greater] = one < other ? [one, other] : [other, one];
  const bytes = createHash('sha256').update(`oshi/direct/${lesser}/${greater}`).digest();
  return uuidOf(bytes, 0x80) as CircleId;
};

/** Whether a circle is a direct conversation: those alone have ids of version 8. */
export const isDirectCircle = (circle: string): boolean => circle[14] === '8';

/** The time that a version 7 UUID carries, in ms since 1970 (RFC 9562, section 5.7). */
export const uuid7Time = (uuid: string): number =>
  Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);

const idBytes = 16;
/** Random bytes are drawn for many ids at once: a system call for each would cost more than all else. */
const pool = Buffer.alloc(idBytes * 256);
let poolAt = pool.length;

const randomId = (): Buffer => {
  if (poolAt === pool.length) {
    fillRandom(pool);
    poolAt = 0;
  }
  poolAt += idBytes;
  return pool.subarray(poolAt - idBytes, poolAt);
};

/** A fresh version 7 UUID that carries `at`, in ms since 1970. */
export const uuid7 = (at: number = wallClock()): string => {
  const bytes = randomId();
  bytes.writeUIntBE(at, 0, 6);
  return uuidOf(bytes, 0x70);
};

/** The first 16 bytes as a UUID, with its version in the upper half of a byte and RFC 9562's variant. */
const uuidOf = (bytes: Buffer, version: number): string => {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | version, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex', 0, idBytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
