import { cut, widthOf } from './width.ts';

export type ColumnHead = { readonly text: string; readonly isNumber?: boolean };

export type Columns = {
  /** If all are empty, no header is printed. */
  readonly heads: readonly ColumnHead[];
  readonly rows: readonly (readonly string[])[];
  /** The maximum width of each column; longer text is cut. */
  readonly widths?: readonly number[];
};

/** The space between two columns. */
export const gap = 2;

/** Formats aligned columns without lines between them; numbers are aligned right. */
export const columns = ({ heads, rows, widths = [] }: Columns): string => {
  const titles = heads.map(({ text }) => text);
  const cells = (titles.some((title) => title !== '') ? [titles, ...rows] : rows).map((row) =>
    heads.map((_, at) => cut(row[at] ?? '', widths[at] ?? Number.POSITIVE_INFINITY)),
  );
  const needed = heads.map((_, at) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[at] ?? '')), 0),
  );
  const filled = (text: string, at: number): string => {
    const space = ' '.repeat((needed[at] ?? 0) - widthOf(text));
    return heads[at]?.isNumber ? space + text : text + space;
  };
  return cells.map((row) => row.map(filled).join(' '.repeat(gap)).trimEnd()).join('\n');
};
