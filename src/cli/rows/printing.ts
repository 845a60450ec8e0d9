import { openPointers, type Pointers } from '../../projections/pointers.ts';
import { collectionOf } from '../../projections/projection.ts';
import { builtIn } from '../../projections/read-models.ts';
import type { QueryReader } from '../../store/document-reader.ts';
import type { Document } from '../../store/documents.ts';
import { runs } from '../../store/state/runs.ts';
import { appliedField, type Filter, type Sort } from '../../store/store.ts';
import { jsonLine } from '../../text/json-line.ts';
import { configuredStorage } from '../storage.ts';
import { coloursOf } from '../terminal/colours.ts';
import { openOutput, writeLines } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';
import { tableOf } from './table.ts';

export type Where = { readonly field: string; readonly value: string | number | boolean | null };

export type RowsOptions = {
  readonly where?: readonly Where[];
  readonly sort?: string;
  readonly limit: number;
  readonly json?: boolean;
};

/** Rows that are read at once in the order of ids. */
const pageSize = 500;
/** The width of the output without a terminal. */
const widthDefault = 160;
const rowsMax = 10_000;

export const print = async (name: string, options: RowsOptions): Promise<void> => {
  openOutput();
  const reader = await (await configuredStorage()).readModels();
  if (!reader)
    throw new Error('there are no read models yet; start the server once, which creates them');
  try {
    const pointers = await openPointers(reader);
    const collection = pointers.of(await logicalOf(reader, pointers, name));
    const found = rowsOf(reader, collection, options);
    if (options.json) await printLines(found);
    else await printTable(found);
  } finally {
    await reader.close();
  }
};

const printLines = async (found: AsyncIterable<readonly Document[]>): Promise<void> => {
  for await (const rows of found) {
    await writeLines(rows.map(jsonLine));
  }
};

const printTable = async (found: AsyncIterable<readonly Document[]>): Promise<void> => {
  const rows: Document[] = [];
  for await (const page of found) rows.push(...page);
  const width = process.stdout.columns ?? widthDefault;
  const text = rows.length === 0 ? 'no rows' : tableOf(rows, width, coloursOf(process.stdout));
  process.stdout.write(`${text}\n`);
};

async function* rowsOf(
  reader: QueryReader,
  collection: string,
  options: RowsOptions,
): AsyncGenerator<readonly Document[]> {
  const { where = [], sort, limit } = options;
  if (where.length === 0 && sort === undefined) {
    yield* allRows(reader, collection, limit);
    return;
  }
  const filter: Filter = Object.fromEntries(where.map(({ field, value }) => [field, value]));
  yield (await reader.find(collection, filter, { ...sortOf(sort), limit })).map(withoutPlaces);
}

/** In batches, so that a collection of any size can be printed. */
async function* allRows(
  reader: QueryReader,
  collection: string,
  limit: number,
): AsyncGenerator<readonly Document[]> {
  let after = '';
  for (let left = limit; left > 0; ) {
    const rows = await reader.page(collection, after, Math.min(left, pageSize));
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(withoutPlaces);
    left -= rows.length;
    after = last._id;
  }
}

const sortOf = (sort: string | undefined): { readonly sort?: Sort } => {
  if (sort === undefined) return {};
  return { sort: sort.startsWith('-') ? { [sort.slice(1)]: -1 } : { [sort]: 1 } };
};

const withoutPlaces = ({ [appliedField]: _, ...row }: Document): Document => row as Document;

/** The logical name of a collection: of the newest version, if none is given. */
const logicalOf = async (
  reader: QueryReader,
  pointers: Pointers,
  name: string,
): Promise<string> => {
  const own = builtIn.map(collectionOf);
  const known = [...own, ...(await pointers.look()).map(({ _id }) => _id)];
  if (known.includes(name)) return name;
  const versions = known.filter((each) => nameOf(each) === name);
  const newest = own.find((each) => nameOf(each) === name) ?? versions.sort(byVersion).at(-1);
  if (newest !== undefined) return newest;
  const reported = await reader.page(runs.name, '', rowsMax);
  if (reported.some((run) => run.name === name)) {
    throw new Error(`${name} keeps its rows externally`);
  }
  const names = [...new Set(known.map(nameOf))].sort().join(', ');
  throw new Error(`there is no projection ${shown(name)}; there are: ${names}`);
};

const nameOf = (logical: string): string => logical.replace(/_v\d+$/, '');
const versionOf = (logical: string): number => Number(/_v(\d+)$/.exec(logical)?.[1] ?? 0);
const byVersion = (one: string, other: string): number => versionOf(one) - versionOf(other);
