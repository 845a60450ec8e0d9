import type { Document } from '../../store/documents.ts';
import { type Colours, plain } from '../terminal/colours.ts';
import { columns, gap } from '../terminal/columns.ts';
import { shown } from '../terminal/shown.ts';
import { cut, widthOf } from '../terminal/width.ts';

/** The minimum width of a column, if it needs that much. */
const widthMin = 10;

/** Rows as a table of at most `width`, with a column per field; omitted fields are listed below. */
export const tableOf = (
  rows: readonly Document[],
  width: number,
  colours: Colours = plain,
): string => {
  const fields = [...new Set(rows.flatMap((row) => Object.keys(row)))].sort(idFirst);
  const cells = rows.map((row) => fields.map((field) => cellOf(row[field])));
  const needed = fields.map((field, at) =>
    Math.max(widthOf(shown(field)), ...cells.map((row) => widthOf(row[at] ?? ''))),
  );
  const widths = fitted(needed, width);
  const heads = fields.slice(0, widths.length).map((field, at) => ({
    text: colours.faint(cut(shown(field), widths[at] ?? 1)),
    isNumber: rows.every((row) => ['number', 'undefined'].includes(typeof row[field])),
  }));
  const table = columns({ heads, rows: cells.map((row) => row.slice(0, widths.length)), widths });
  const left = fields.slice(widths.length).map(shown);
  if (left.length === 0) return table;
  return `${table}\n\nomitted columns: ${left.join(', ')}; --json shows all`;
};

const idFirst = (one: string, other: string): number =>
  Number(other === '_id') - Number(one === '_id');

const cellOf = (value: unknown): string => {
  if (value === undefined) return '';
  return shown(typeof value === 'string' ? value : JSON.stringify(value));
};

/** The widths of as many columns as fit, narrowing the widest first. */
const fitted = (needed: readonly number[], width: number): number[] => {
  const least = needed.map((each) => Math.min(each, widthMin));
  const count = fittingCount(least, width);
  const room = width - count * gap;
  // The largest common maximum width with which all of them fit.
  let bound = Math.max(widthMin, ...needed.slice(0, count));
  const sumAt = (at: number): number =>
    needed.slice(0, count).reduce((sum, each) => sum + Math.min(each, at), 0);
  while (bound > widthMin && sumAt(bound) > room) bound--;
  return needed.slice(0, count).map((each) => Math.max(1, Math.min(each, bound)));
};

/** How many columns fit, at least one. */
const fittingCount = (least: readonly number[], width: number): number => {
  let sum = 0;
  const over = least.findIndex((each) => {
    sum += each + gap;
    return sum > width;
  });
  return Math.max(1, over < 0 ? least.length : over);
};
