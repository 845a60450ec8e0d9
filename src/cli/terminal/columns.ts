import { cut, widthOf } from './width.ts';

export type ColumnHead = { readonly text: string; readonly isNumber?: boolean };

export type Columns = {
  /** All empty: the rows stand without heads. */
  readonly heads: readonly ColumnHead[];
  readonly rows: readonly (readonly string[])[];
  /** How wide each column is at most, in columns of the terminal; what is longer is cut. */
  readonly widths?: readonly number[];
};

const gap = 2;

/** Text in columns that line up, without lines between them; numbers stand at the right. */
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
