import { type Options, stringify } from 'csv-stringify/sync';
import { jsonLine } from '../text/json-line.ts';
import type { NamedEntry } from './audit.ts';

/** The formats of exported files: one JSON object per line, or CSV. */
export const exportFormats = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const mediaTypes: Readonly<Record<ExportFormat, string>> = {
  ndjson: 'application/x-ndjson; charset=utf-8',
  csv: 'text/csv; charset=utf-8; header=present',
};

/** The columns of CSV, in order. Those of addresses are included only on request. */
const columns = [
  'position',
  'n',
  'k',
  'of',
  'circle',
  'stream',
  'user',
  'userName',
  'message',
  'at',
  'by',
  'byName',
  'session',
  'connection',
  'before',
  'after',
] as const;
const addressColumns = ['address', 'userAgent'] as const;

/**
 * RFC 4180 for spreadsheets: with a byte order mark, all texts in quotes, and an apostrophe before what would be
 * interpreted as a formula.
 */
const csvOptions: Options = {
  record_delimiter: 'windows',
  quoted_string: true,
  escape_formulas: true,
};

const cellsOf = (entry: NamedEntry) => ({
  ...entry,
  at: new Date(entry.at).toISOString(),
  before: entry.before && jsonLine(entry.before),
  after: entry.after && jsonLine(entry.after),
});

/** Formats batches of entries. CSV starts with its header, also if there are no entries. */
export const exporter = (format: ExportFormat, { addresses = false } = {}) => {
  if (format === 'ndjson') {
    return {
      header: '',
      write: (entries: readonly NamedEntry[]): string =>
        entries.map((entry) => `${jsonLine(entry)}\n`).join(''),
    };
  }
  const named = addresses ? [...columns, ...addressColumns] : [...columns];
  return {
    header: stringify([], { ...csvOptions, columns: named, header: true, bom: true }),
    write: (entries: readonly NamedEntry[]): string =>
      stringify(entries.map(cellsOf), { ...csvOptions, columns: named }),
  };
};
