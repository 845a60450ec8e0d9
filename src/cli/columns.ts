import Table from 'cli-table3';

export type ColumnHead = { readonly text: string; readonly isNumber?: boolean };

export type Columns = {
  /** All empty: the rows stand without heads. */
  readonly heads: readonly ColumnHead[];
  readonly rows: readonly (readonly string[])[];
  /** How wide each column is at most, in columns of the terminal; what is longer is cut. */
  readonly widths?: readonly number[];
};

const gap = 2;

const noLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};

/** Text in columns that line up, without lines between them; numbers stand at the right. */
export const columns = ({ heads, rows, widths }: Columns): string => {
  const table = new Table({
    head: heads.every(({ text }) => text === '') ? [] : heads.map(({ text }) => text),
    colAligns: heads.map(({ isNumber }) => (isNumber ? 'right' : 'left')),
    ...(widths && { colWidths: widths.map((width) => width + gap) }),
    chars: noLines,
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': gap },
  });
  table.push(...rows.map((row) => [...row]));
  const lines = table.toString().split('\n');
  return lines.map((line) => line.trimEnd()).join('\n');
};
