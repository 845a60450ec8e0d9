import type { Range, Scalar } from '../index-choice.ts';
import type { Document, Index } from '../projection.ts';

/** An index with its number within its collection, with which its keys begin. */
export type NumberedIndex = { readonly no: number; readonly index: Index };

/**
 * The keys under which an index holds a document: bytes that sort as MongoDB sorts the values (nothing, then
 * numbers, texts, booleans; a descending field the other way round) and end with the document's `_id`. A list
 * makes one key per element.
 */
export const indexKeys = ({ no, index }: NumberedIndex, document: Document): Buffer[] => {
  let keys: Buffer[][] = [[Buffer.of(no)]];
  for (const field of Object.keys(index)) {
    const isDescending = index[field] === -1;
    const [first, ...others] = indexedValues(document, field);
    const bytes = valueBytes(first, isDescending);
    if (others.length === 0) {
      for (const key of keys) key.push(bytes);
    } else {
      const list = [bytes, ...others.map((value) => valueBytes(value, isDescending))];
      keys = keys.flatMap((key) => list.map((value) => [...key, value]));
    }
  }
  const id = Buffer.from(document._id);
  return keys.map((key) => Buffer.concat([...key, id]));
};

/** From where up to but not including where the keys lie that begin with `point` and go on in `range`. */
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

/** What an index sees of a field: the elements of a list, each once; null for what has no order. */
export const indexedValues = (document: Document, path: string): readonly Scalar[] => {
  const value = valueAt(document, path);
  if (!Array.isArray(value)) return [scalarOf(value)];
  return value.length === 0 ? [null] : [...new Set(value.map(scalarOf))];
};

/** The value at a dotted path; undefined where there is none. */
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

/** LMDB's keys are short. Texts that differ only after this many characters are told apart by the filter. */
const textLengthMax = 120;

/** No encoded value is the beginning of another, so a key's beginning tells its first fields. */
const valueBytes = (value: Scalar | undefined, isDescending: boolean): Buffer => {
  const bytes = ascendingBytes(value ?? null);
  if (isDescending) for (const [at, byte] of bytes.entries()) bytes[at] = 0xff - byte;
  return bytes;
};

const ascendingBytes = (value: Scalar): Buffer => {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number') return numberBytes(value);
  return value === null ? Buffer.of(tags.null) : Buffer.of(tags.boolean, value ? 1 : 0);
};

/** IEEE 754 sorts as bytes once negative numbers are inverted and the others have their sign bit set. */
const numberBytes = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(9);
  bytes[0] = tags.number;
  bytes.writeDoubleBE(value + 0, 1);
  if (value < 0) for (let at = 1; at < 9; at++) bytes[at] = 0xff - bytes.readUInt8(at);
  else bytes[1] = bytes.readUInt8(1) | 0x80;
  return bytes;
};

/** Zero bytes end a text; one inside is followed by the greatest character, so that more text sorts behind. */
const textBytes = (value: string): Buffer => {
  const text = value.slice(0, textLengthMax).replaceAll('\0', '\0\u{10ffff}');
  const bytes = Buffer.allocUnsafe(text.length * 3 + 3);
  bytes[0] = tags.string;
  const length = bytes.write(text, 1);
  bytes[length + 1] = 0;
  bytes[length + 2] = 0;
  return bytes.subarray(0, length + 3);
};

/** The least bytes that are greater than everything that begins with these. */
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

/** One end of a range. A text that was cut is never an open end: what differs behind the cut may belong in. */
const edge = (
  closed: Scalar | undefined,
  open: Scalar | undefined,
): { value: Scalar; isOpen: boolean } | undefined => {
  if (closed !== undefined) return { value: closed, isOpen: false };
  if (open === undefined) return undefined;
  return { value: open, isOpen: !(typeof open === 'string' && open.length > textLengthMax) };
};
