import { expect, test } from 'vitest';
import type { NamedEntry } from '../../../src/history/audit.ts';
import { exporter } from '../../../src/history/export.ts';
import { csvRows } from '../../support/generators/audit-play.ts';
import { numbered } from '../../support/generators/chatter.ts';

const hostile = ['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '"', 'a,b', '\r\n', '', '＝1', "'x"];

const entries = hostile.map(
  (text, index): NamedEntry => ({
    ...{ position: `0:${index}`, n: index + 1, k: 'message-edited', of: 'stream' },
    ...{ circle: numbered(1), at: 1_700_000_000_000 + index, by: numbered(2) },
    ...{ byName: text, userAgent: text, before: { text }, after: { text: `${text}!` } },
  }),
);

test('CSV keeps every text, and none that a spreadsheet would calculate', () => {
  const { header, write } = exporter('csv', { addresses: true });
  expect(header.startsWith('\uFEFF"position","n","k"')).toBe(true);
  const rows = csvRows(header.slice(1) + write(entries.slice(0, 5)) + write(entries.slice(5)));
  expect(
    rows.map(({ before = '', after = '' }) => [JSON.parse(before), JSON.parse(after)]),
  ).toEqual(entries.map(({ before, after }) => [before, after]));
  const names = rows.map(({ byName = '', userAgent }) => {
    expect(userAgent).toBe(byName);
    return byName;
  });
  expect(names).toEqual(hostile.map((text) => (/^[=+\-@\t\r＝]/.test(text) ? `'${text}` : text)));
  expect(rows[0]?.at).toBe('2023-11-14T22:13:20.000Z');
  expect(rows[0]?.stream).toBe('');
});

test('NDJSON has an entry a line, and no addresses in CSV unless asked for', () => {
  const { header, write } = exporter('ndjson');
  const lines = write(entries).split('\n');
  expect(header).toBe('');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toEqual(entries);
  expect(exporter('csv').header).not.toContain('userAgent');
  expect(exporter('csv').write([])).toBe('');
});
