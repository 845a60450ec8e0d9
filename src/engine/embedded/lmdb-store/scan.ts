import type { Document } from '../../../store/documents.ts';
import { testOf } from '../../../store/filter.ts';
import {
  chooseIndex,
  type IndexChoice,
  primary,
  type Range,
  type Scalar,
} from '../../../store/index-choice.ts';
import type { Filter, FindOptions } from '../../../store/store.ts';
import { idIn, indexKeys, keyStretch, type NumberedIndex } from './index-key.ts';
import { textLengthMax } from './key-tail.ts';
import { type Catalogue, documentIn, documentsBetween, type Table } from './tables.ts';

type Target = { readonly table: Table; readonly catalogue: Catalogue };

/** The documents that match, in the order of the sort; throws `NoIndex` if no index serves. */
export const findDocuments = (
  { table, catalogue }: Target,
  filter: Filter,
  { sort, limit = Number.POSITIVE_INFINITY }: FindOptions,
): Document[] => {
  const ready = catalogue.indexes.filter(({ isReady }) => isReady);
  const choice = chooseIndex({
    collection: table.name,
    indexes: ready.map(({ index }) => index),
    filter,
    sort,
    isLimited: Number.isFinite(limit),
  });
  const index = ready.find((candidate) => candidate.index === choice.index);
  const { lists } = catalogue;
  const isSorted = choice.points.length === 1 && !isShuffled(choice, lists);
  const scan: Scan = {
    table,
    index,
    lists,
    choice,
    matches: isExact(choice, filter, lists) ? () => true : testOf(filter),
    limit: isShuffled(choice, lists) ? Number.POSITIVE_INFINITY : limit,
  };
  const found = new Map<string, Document>();
  for (const point of choice.points) {
    if (choice.order.length === 0 && found.size >= limit) break;
    for (const document of scanStretch(scan, point)) found.set(document._id, document);
  }
  const documents = [...found.values()];
  return isSorted ? documents : merged(documents, choice).slice(0, limit);
};

type Scan = {
  readonly table: Table;
  /** None: by `_id`. */
  readonly index: NumberedIndex | undefined;
  readonly lists: readonly string[];
  readonly choice: IndexChoice;
  readonly matches: (document: Document) => boolean;
  readonly limit: number;
};

/**
 * Whether everything in the chosen ranges matches the filter, so that no document has to be tested, which takes as
 * long as reading it: the ranges express the whole filter, and their keys were not cut.
 */
const isExact = (choice: IndexChoice, filter: Filter, lists: readonly string[]): boolean => {
  const { index, points, range = {} } = choice;
  const [point = []] = points;
  const fields = Object.keys(index);
  const [bound, next = ''] = [fields.slice(0, point.length), fields[point.length]];
  const isSaid = ([field, condition]: [string, unknown]): boolean => {
    const operators = Object.keys(Object(condition));
    if (bound.includes(field)) return typeof condition !== 'object' || operators.length === 1;
    return field === next && operators.every((operator) => operator in range);
  };
  const isWhole = (value: Scalar): boolean =>
    value !== null && !(typeof value === 'string' && value.length >= textLengthMax);
  const ends = Object.values(range);
  return (
    isPlain(range, index === primary) &&
    !(ends.length > 0 && lists.includes(next)) &&
    [...points.flat(), ...ends].every(isWhole) &&
    Object.entries(filter).every(isSaid)
  );
};

/** Whether a range is read as it is written: with one end on each side, of one type; by `_id` without an open start. */
const isPlain = (range: Range, isById: boolean): boolean => {
  const { $gt, $gte, $lt, $lte } = range;
  const types = new Set(Object.values(range).map((end) => typeof end));
  const isDouble =
    ($gt !== undefined && $gte !== undefined) || ($lt !== undefined && $lte !== undefined);
  if (isById && ($gt !== undefined || types.has('number') || types.has('boolean'))) return false;
  return !isDouble && types.size <= 1;
};

const scanStretch = (scan: Scan, point: readonly Scalar[]): Document[] => {
  const found = new Map<string, Document>();
  for (const document of stretchOf(scan, point)) {
    if (found.has(document._id) || !scan.matches(document)) continue;
    found.set(document._id, document);
    if (found.size >= scan.limit) break;
  }
  return [...found.values()];
};

function* stretchOf(scan: Scan, point: readonly Scalar[]): Generator<Document> {
  const { table, index, choice } = scan;
  if (!index) {
    yield* documentsById(scan, point);
    return;
  }
  const { start, end } = keyStretch(index, point, rangeFor(scan, point.length));
  for (const { key, value } of table.entries.getRange(turned(start, end, choice.reverse))) {
    const document = documentIn(table.documents, value || idIn(index, key));
    if (document) yield document;
  }
}

function* documentsById({ table, choice }: Scan, [id]: readonly Scalar[]): Generator<Document> {
  if (id !== undefined) {
    const document = typeof id === 'string' ? documentIn(table.documents, id) : undefined;
    if (document) yield document;
    return;
  }
  const { $gt, $gte, $lt, $lte } = choice.range ?? {};
  const start = bytesOf($gte ?? $gt) ?? Buffer.of(0);
  const end = bytesOf($lt) ?? bytesOf($lte, '\0') ?? Buffer.of(0xff);
  yield* documentsBetween(table.documents, turned(start, end, choice.reverse));
}

const bytesOf = (id: Scalar | undefined, ending = ''): Buffer | undefined =>
  typeof id === 'string' ? Buffer.from(id + ending) : undefined;

/**
 * In a field that holds lists, one element may be above the lower end and another below the upper one: only one end
 * bounds the scan, as in MongoDB.
 */
const rangeFor = ({ choice, index, lists }: Scan, depth: number): IndexChoice['range'] => {
  const { range } = choice;
  const field = Object.keys(index?.index ?? primary)[depth];
  if (!range || field === undefined || !lists.includes(field)) return range;
  const [first] = Object.entries(range);
  return first && Object.fromEntries([first]);
};

/** A list sorts by its least or greatest element, which may be outside of a range of the index. */
const isShuffled = ({ range, order }: IndexChoice, lists: readonly string[]): boolean =>
  range !== undefined && order.some((field) => lists.includes(field));

/** LMDB's range starts with `start` and ends before `end`; in reverse, these must be adjusted. */
const turned = (start: Buffer, end: Buffer, reverse: boolean) =>
  reverse
    ? { start: end, end: start, reverse, exclusiveStart: true, inclusiveEnd: true }
    : { start, end };

/** Several ranges, each in order, merged into one. */
const merged = (
  documents: readonly Document[],
  { index, order, reverse }: IndexChoice,
): Document[] => {
  if (order.length === 0) return [...documents];
  const ordered = Object.fromEntries(order.map((field) => [field, index[field] ?? 1]));
  const keyed = documents.map((document) => ({
    document,
    keys: indexKeys({ no: 0, index: ordered }, document).sort(Buffer.compare),
  }));
  const end = reverse ? -1 : 0;
  const sign = reverse ? -1 : 1;
  keyed.sort((a, b) => sign * Buffer.compare(a.keys.at(end) ?? empty, b.keys.at(end) ?? empty));
  return keyed.map(({ document }) => document);
};

const empty = Buffer.alloc(0);
