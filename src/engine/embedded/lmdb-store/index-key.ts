import type { Document, Index } from '../../../store/documents.ts';
import type { Range, Scalar } from '../../../store/index-choice.ts';
import { idByTail, shortTail, textLengthMax } from './key-tail.ts';

/** An index with its number within its collection, with which its keys begin. */
export type NumberedIndex = {
  readonly no: number;
  readonly index: Index;
  /** Whether its keys end with a short tail: absent for an index of an earlier version. */
  readonly isShort?: boolean;
};

/**
 * The keys under which an index holds a document: bytes that sort as MongoDB sorts the values (nothing, then numbers,
 * texts, booleans; reversed for a descending field) and end with the document's `_id`, or a short tail. A list makes
 * one key per element.
 */
export const indexKeys = (
  { no, index, isShort = false }: NumberedIndex,
  document: Document,
): Buffer[] => {
  const fields = Object.keys(index);
  const endsWithId = fields.at(-1) === '_id';
  const keys: Buffer[] = [];
  const { _id: id } = document;
  const bytes = Buffer.allocUnsafe(2 + fields.length * valueBytesMax + 3 * id.length);
  bytes[0] = no;
  let first: Scalar = null;
  const put = (field: number, at: number): void => {
    const path = fields[field];
    if (path === undefined) {
      const tail = isShort ? shortTail({ id, first, endsWithId }) : id;
      keys.push(Buffer.from(bytes.subarray(0, at + bytes.write(tail, at))));
      return;
    }
    for (const value of indexedValues(document, path)) {
      if (field === 0) first = value;
      put(field + 1, writeValue(bytes, at, { value, isDescending: index[path] === -1 }));
    }
  };
  put(0, 1);
  return keys;
};

/** The `_id` of the document of a key of an index; empty if the key is damaged. */
export const idIn = ({ index, isShort }: NumberedIndex, key: Buffer): string => {
  const ends: number[] = [];
  let at = 1;
  const directions = Object.values(index);
  for (const direction of directions) {
    at = valueEnd(key, at, direction === -1);
    ends.push(at);
  }
  if (!isShort) return key.toString('utf8', at);
  return idByTail(key, at, {
    first: () => textIn(key.subarray(1, ends[0]), directions[0] === -1),
    last: () => textIn(key.subarray(ends.at(-2) ?? 1, at), directions.at(-1) === -1),
  });
};

/** The text of a value as it was written. */
const textIn = (value: Buffer, isDescending: boolean): string => {
  const bytes = Buffer.from(value.subarray(1, -2));
  if (isDescending) invert(bytes, 0, bytes.length);
  return bytes.toString();
};

/** The bounds, the upper one excluded, of the keys that start with `point` and continue in `range`. */
export const keyStretch = (
  { no, index }: NumberedIndex,
  point: readonly Scalar[],
  range?: Range,
): { start: Buffer; end: Buffer } => {
  const directions = Object.values(index);
  const prefix = Buffer.concat([
    Buffer.of(no),
    ...point.map((value, at) => valueBytes(value, directions[at] === -1)),
  ]);
  if (!range) return { start: prefix, end: after(prefix) };
  return rangeStretch(prefix, range, directions[point.length] === -1);
};

/** The indexed values of a field: the elements of a list, each once; null for what has no order. */
export const indexedValues = (document: Document, path: string): readonly Scalar[] => {
  const value = valueAt(document, path);
  if (!Array.isArray(value)) return [scalarOf(value)];
  return value.length === 0 ? [null] : [...new Set(value.map(scalarOf))];
};

/** The value at a dotted path; undefined if there is none. */
export const valueAt = (document: Document, path: string): unknown => {
  if (!path.includes('.')) return document[path];
  let value: unknown = document;
  for (const field of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field))
      return undefined;
    value = (value as Record<string, unknown>)[field];
  }
  return value;
};

const scalarOf = (value: unknown): Scalar =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : null;

const tags = { null: 0x10, number: 0x20, string: 0x30, boolean: 0x40 };

const tagOf = (value: Scalar): number =>
  value === null ? tags.null : tags[typeof value as 'number' | 'string' | 'boolean'];

/** The longest text, of zero bytes alone, with its tag and its end. */
const valueBytesMax = 5 * textLengthMax + 3;

const valueBytes = (value: Scalar | undefined, isDescending: boolean): Buffer => {
  const bytes = Buffer.allocUnsafe(valueBytesMax);
  return bytes.subarray(0, writeValue(bytes, 0, { value: value ?? null, isDescending }));
};

type Directed = { readonly value: Scalar; readonly isDescending: boolean };

/**
 * Writes a value at an offset, and returns the offset after it. No encoded value is a prefix of another, so a key's
 * prefix tells its first fields.
 */
const writeValue = (bytes: Buffer, at: number, { value, isDescending }: Directed): number => {
  bytes[at] = tagOf(value);
  const end = at + 1 + writeContent(bytes, at + 1, value);
  if (isDescending) invert(bytes, at, end);
  return end;
};

/** The end of a value that starts at an offset. */
const valueEnd = (key: Buffer, start: number, isDescending: boolean): number => {
  const flip = isDescending ? 0xff : 0;
  switch ((key[start] ?? 0) ^ flip) {
    case tags.null:
      return start + 1;
    case tags.boolean:
      return start + 2;
    case tags.number:
      return start + 9;
  }
  let at = start + 1;
  while (at < key.length && (key[at] !== flip || key[at + 1] !== flip)) at++;
  return at + 2;
};

const invert = (bytes: Buffer, start: number, end: number): void => {
  for (let at = start; at < end; at++) bytes[at] = 0xff - bytes.readUInt8(at);
};

/** Writes what follows a value's tag, and returns the number of bytes. */
const writeContent = (bytes: Buffer, at: number, value: Scalar): number => {
  if (value === null) return 0;
  if (typeof value === 'string') return writeText(bytes, at, value);
  if (typeof value === 'number') return writeNumber(bytes, at, value);
  bytes[at] = value ? 1 : 0;
  return 1;
};

/** IEEE 754 sorts as bytes once negative numbers are inverted and the others have their sign bit set. */
const writeNumber = (bytes: Buffer, at: number, value: number): number => {
  bytes.writeDoubleBE(value + 0, at);
  if (value < 0) invert(bytes, at, at + 8);
  else bytes[at] = bytes.readUInt8(at) | 0x80;
  return 8;
};

/** Zero bytes end a text; one inside is followed by the greatest character, so that longer texts sort after it. */
const writeText = (bytes: Buffer, at: number, value: string): number => {
  const text = value.slice(0, textLengthMax).replaceAll('\0', '\0\u{10ffff}');
  const length = bytes.write(text, at);
  bytes[at + length] = 0;
  bytes[at + length + 1] = 0;
  return length + 2;
};

/** The least bytes that are greater than everything with this prefix. */
const after = (prefix: Buffer): Buffer => {
  const end = Buffer.from(prefix);
  for (let at = end.length - 1; at >= 0; at--) {
    const byte = end.readUInt8(at);
    if (byte < 0xff) {
      end[at] = byte + 1;
      return end.subarray(0, at + 1);
    }
  }
  return Buffer.alloc(prefix.length + 1, 0xff);
};

const rangeStretch = (
  prefix: Buffer,
  range: Range,
  isDescending: boolean,
): { start: Buffer; end: Buffer } => {
  const at = (value: Scalar): Buffer => Buffer.concat([prefix, valueBytes(value, isDescending)]);
  const { $gt, $gte, $lt, $lte } = range;
  const low = edge($gte, $gt);
  const high = edge($lte, $lt);
  const [first, last] = isDescending ? [high, low] : [low, high];
  const tag = tagOf((low ?? high)?.value ?? null);
  const bracket = Buffer.concat([prefix, Buffer.of(isDescending ? 0xff - tag : tag)]);
  const start = first ? (first.isOpen ? after(at(first.value)) : at(first.value)) : bracket;
  const end = last ? (last.isOpen ? at(last.value) : after(at(last.value))) : after(bracket);
  return { start, end };
};

/**
 * One end of a range. A text that was cut is never an exclusive end: what differs after the cut may be in the range.
 */
const edge = (
  closed: Scalar | undefined,
  open: Scalar | undefined,
): { value: Scalar; isOpen: boolean } | undefined => {
  if (closed !== undefined) return { value: closed, isOpen: false };
  if (open === undefined) return undefined;
  return { value: open, isOpen: !(typeof open === 'string' && open.length > textLengthMax) };
};
