/** One line of a result: what was measured, how much, of what. */
export type Figure = { readonly name: string; readonly value: number; readonly unit: string };

export const figure = (name: string, value: number, unit: string): Figure => ({
  name,
  value,
  unit,
});

/** The value below which `share` of the samples lie. */
export const quantile = (samples: readonly number[], share: number): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** A value with about three digits. */
export const shown = (value: number): string => {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
  });
};

/** Figures as a table whose columns line up. */
export const table = (title: string, figures: readonly Figure[]): string => {
  const rows = figures.map(({ name, value, unit }) => [name, shown(value), unit] as const);
  const width = (column: 0 | 1 | 2) => Math.max(...rows.map((row) => row[column].length));
  const [name, value] = [width(0), width(1)];
  const lines = rows.map((row) => `  ${row[0].padEnd(name)}  ${row[1].padStart(value)}  ${row[2]}`);
  return [title, ...lines, ''].join('\n');
};

/** A text of 140 bytes that no two posts share. */
export const textOf = (index: number): string => `${index} `.padEnd(140, 'the quick brown fox ');
