import { once } from 'node:events';
import { jsonLine } from '../../text/json-line.ts';
import { coloursOf } from './colours.ts';
import { type ColumnHead, columns } from './columns.ts';

/**
 * Prepares standard output for long texts. A reader such as `head` closes the pipe when it has read enough, which is
 * not an error: the process ends.
 */
export const openOutput = (): void => {
  process.stdout.on('error', () => process.exit(0));
};

/** Writes a text, and waits until the reader has room for more. */
export const writeText = async (text: string): Promise<void> => {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
};

export const writeLines = (lines: readonly string[]): Promise<void> =>
  writeText(lines.map((line) => `${line}\n`).join(''));

/** A time to the second, in UTC. */
export const timeText = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** Rows of a table: how a column is named, and what it shows of a row. */
export type Column<Row> = ColumnHead & { readonly of: (row: Row) => string | number | undefined };

/** Prints rows as an aligned table, or each as a line of JSON. */
export const printRows = async <Row>(
  rows: readonly Row[],
  { json = false, table, none }: PrintOptions<Row>,
): Promise<void> => {
  if (json) return writeLines(rows.map((row) => jsonLine(row)));
  if (rows.length === 0) return writeLines([none]);
  const { faint } = coloursOf(process.stdout);
  const heads = table.map(({ text, isNumber = false }) => ({ text: faint(text), isNumber }));
  const cells = rows.map((row) => table.map(({ of }) => `${of(row) ?? ''}`));
  return writeLines([columns({ heads, rows: cells })]);
};

export type PrintOptions<Row> = {
  readonly json?: boolean | undefined;
  readonly table: readonly Column<Row>[];
  /** The text for no rows. */
  readonly none: string;
};

/** Prints named values, one per line; those that are undefined are left out. */
export const printValues = (values: Readonly<Record<string, string | number | undefined>>) => {
  const { faint } = coloursOf(process.stdout);
  const rows = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[faint(name), `${value}`]],
  );
  return writeLines([columns({ heads: [{ text: '' }, { text: '' }], rows })]);
};
