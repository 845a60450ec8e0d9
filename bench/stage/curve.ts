import { shown } from './figures.ts';

/** Measurements along a quantity, which is the first column. */
export type Curve = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly number[])[];
};

export const curve = (columns: Curve['columns'], rows: Curve['rows']): Curve => ({ columns, rows });

/** A curve as a table whose columns line up. */
export const curveTable = ({ columns, rows }: Curve): string => {
  const cells = [columns, ...rows.map((row) => row.map(shown))];
  const widths = columns.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const lines = cells.map((row) =>
    row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join('  '),
  );
  return `${lines.map((line) => `  ${line}`).join('\n')}\n`;
};

const width = 320;
const height = 120;

/** A line through the values of a column, from zero to its highest. */
const plotOf = ({ columns, rows }: Curve, column: number): string => {
  const xs = rows.map((row) => row[0] ?? 0);
  const ys = rows.map((row) => row[column] ?? 0).map((y) => (Number.isFinite(y) ? y : 0));
  const [right, top] = [Math.max(...xs), Math.max(...ys)];
  const points = xs.map((x, at) => {
    const y = top > 0 ? (ys[at] ?? 0) / top : 0;
    return `${((x / right) * width).toFixed(1)},${(height - y * height).toFixed(1)}`;
  });
  return `<figure><figcaption>${columns[column]}, up to ${shown(top)}</figcaption><svg viewBox="-4 -4 ${width + 8} ${height + 8}" width="${width}"><polyline points="${points.join(' ')}" fill="none" stroke="currentColor" stroke-width="2"/></svg></figure>`;
};

/** A curve as pictures for a page: each column along the first. */
export const curvePlots = (of: Curve): string =>
  of.columns
    .slice(1)
    .map((_, at) => plotOf(of, at + 1))
    .join('\n');
