import { expect, test } from 'vitest';
import { allPages, type KeysetPage } from '../../../src/app/pages.ts';

test.for([
  [0, [[]]],
  [2, [[]]],
  [3, [[], ['c']]],
  [7, [[], ['c'], ['f']]],
] as const)(
  '%i rows are read in batches of three, each after the last row of the one before',
  async ([count, cursors]) => {
    const rows = [...'abcdefg'].slice(0, count);
    const asked: KeysetPage[] = [];
    const read = async (page: KeysetPage) => {
      asked.push(page);
      return rows.filter((row) => row > (page.after ?? '')).slice(0, page.limit);
    };
    const found: string[] = [];
    for await (const batch of allPages(3, read, (row) => row)) {
      expect(batch.length).toBeGreaterThan(0);
      found.push(...batch);
    }
    expect(found).toEqual(rows);
    expect(asked.map(({ after }) => (after === undefined ? [] : [after]))).toEqual(cursors);
  },
);
