import { Command } from 'commander';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { Speeds } from '../../../src/cli/projections/speeds.ts';
import { barsOf, objectOf, textOf, timeText } from '../../../src/cli/projections/table.ts';
import { tableOf } from '../../../src/cli/rows/table.ts';
import { columns } from '../../../src/cli/terminal/columns.ts';
import { shown } from '../../../src/cli/terminal/shown.ts';
import { cut, widthOf } from '../../../src/cli/terminal/width.ts';
import type { ProjectionStatus } from '../../../src/projections/status.ts';
import { isolate } from '../../../src/text/direction.ts';
import { graphemesOf } from '../../../src/text/graphemes.ts';
import { jsonLine } from '../../../src/text/json-line.ts';

const run: NonNullable<ProjectionStatus['run']> = {
  ...{ id: 'board_v12', name: 'board', version: 12, by: 'attached', runner: 'h/1' },
  ...{ state: 'catching-up', since: 1, at: 2, applied: [50], heads: [200], events: 9, rate: 1234 },
};
const standings: readonly ProjectionStatus[] = [
  {
    ...{ name: 'users', version: 1, isOwn: true, collection: 'users_v1', state: 'live' },
    ...{ applied: [100, 100], heads: [100, 100], lag: 0, run: { ...run, by: 'server', rate: 0 } },
  },
  {
    ...{ name: 'board', version: 12, isOwn: false, collection: 'board_v12', state: 'catching-up' },
    ...{ applied: [50, 0], heads: [100, 100], lag: 150, run },
  },
];
const failure = {
  message: 'x is\n\u001b[31mnot a function',
  event: { k: 'message-posted', n: 3, aggregate: 'stream.a.b', position: '0:51' },
  at: 0,
};

describe('oshi projections', () => {
  test('columns line up, numbers at the right, nothing behind the last', () => {
    expect(textOf(standings)).toBe(
      [
        'name   version  by        state        position  lag    rate',
        'users        1  server    live              200    0',
        'board       12  attached  catching-up        50  150  1234/s',
      ].join('\n'),
    );
  });

  test('one that has failed: where, why in one harmless line, and what to do', () => {
    const failed = {
      ...standings[1],
      state: 'failed',
      run: { ...run, failure },
    } as ProjectionStatus;
    expect(textOf([failed]).split('\n').slice(2)).toEqual([
      '',
      'board has failed on a message-posted at 0:51, 1970-01-01T00:00:00.000Z',
      '  x is\\n\\u001b[31mnot a function',
      '  fix it, then run: oshi projections resume board',
    ]);
    expect(textOf([{ ...failed, isOwn: true }])).not.toContain('resume');
  });

  test('for programs', () => {
    expect(standings.map(objectOf)[1]).toEqual({
      ...{ name: 'board', version: 12, own: false, collection: 'board_v12' },
      ...{ state: 'catching-up', positions: ['0:50', '1:0'], ends: ['0:100', '1:100'], lag: 150 },
      ...{ by: 'attached', runner: 'h/1', since: 1, told: 2, events: 9, rate: 1234 },
    });
  });

  test('a bar with the speed and the time left for what is catching up', () => {
    const speeds = new Speeds();
    const [, board] = standings as [ProjectionStatus, ProjectionStatus];
    speeds.record({ ...board, applied: [0, 0] }, 1_000);
    expect(speeds.of(board)).toBeUndefined();
    expect(barsOf(standings, (each) => speeds.of(each)).at(-1)).toMatch(
      /25 % {2}50 of 200 places$/,
    );
    speeds.record(board, 2_000);
    expect(speeds.of(board)).toBe(50);
    expect(barsOf(standings, (each) => speeds.of(each))).toEqual([
      '',
      'board  ██████░░░░░░░░░░░░░░░░░░  25 %  50 of 200 places  50/s  3 s left',
    ]);
    expect(barsOf(standings.slice(0, 1), () => 1)).toEqual([]);
  });

  test('the speed of one that begins anew is not negative', () => {
    const speeds = new Speeds();
    const [, board] = standings as [ProjectionStatus, ProjectionStatus];
    speeds.record(board, 1_000);
    speeds.record({ ...board, applied: [10, 0] }, 2_000);
    expect(speeds.of(board)).toBeUndefined();
  });

  test.each([
    [0.2, '1 s'],
    [59.5, '1 m 0 s'],
    [61, '1 m 1 s'],
    [3_600, '1 h 0 m'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(timeText(seconds)).toBe(text);
  });
});

describe('oshi rows', () => {
  test('all fields that any row has, numbers at the right', () => {
    const rows = [
      { _id: 'b', count: 12, text: 'hi' },
      { count: 3, _id: 'a', tags: ['x'] },
    ];
    expect(tableOf(rows, 80)).toBe(
      ['_id  count  text  tags', 'b       12  hi', 'a        3        ["x"]'].join('\n'),
    );
  });

  test.each([20, 40, 79, 200])('is at most %d wide, and says what it leaves out', (width) => {
    const row = { _id: 'x'.repeat(50), a: 'y'.repeat(50), b: 'z'.repeat(50), c: 1 };
    const [table = '', note = ''] = tableOf([row], width).split('\n\n');
    for (const line of table.split('\n')) expect(line.length).toBeLessThanOrEqual(width);
    expect(`${table}${note}`).toMatch(/\bc\b/);
    expect(note === '' || /; --json shows all$/.test(note)).toBe(true);
  });

  test('what people wrote cannot steer the terminal', () => {
    const text = tableOf([{ _id: '1', text: '\u001b]0;x\u0007\u202e\u009b\nnext' }], 80);
    expect(text.split('\n')).toHaveLength(2);
    expect(text).toContain('\\u001b]0;x\\u0007\\u202e\\u009b\\nnext');
    expect(shown('Łódź 👩‍👩‍👧 ok')).toBe('Łódź 👩‍👩‍👧 ok');
  });
});

describe('text in columns', () => {
  test.each([
    ['short', 5, 'short'],
    ['longer', 5, 'long…'],
    ['👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 5, '👩‍👩‍👧👩‍👩‍👧…'],
    // An emoji takes two columns, and is not cut in half.
    ['👍👍👍', 4, '👍…'],
    ['漢字漢字', 7, '漢字漢…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['🇨🇭🇨🇭', 3, '🇨🇭…'],
    ['\u2068עבריתארוכה\u2069', 4, '\u2068עבר…\u2069'],
  ])('%s in %d columns is %s', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  const seed = 20_261_129;
  const sign = fc.constantFrom(...['a', '漢', '👍', '👩‍👩‍👧', '🇨🇭', 'e\u0301', 'א', 'ع', ' ', '1️⃣']);
  const text = fc.string({ unit: sign, maxLength: 30 });

  test(`is never wider than its column, and never cut in a character (seed ${seed})`, () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 20 }), (said, width) => {
        const short = cut(shown(said), width);
        expect(widthOf(short)).toBeLessThanOrEqual(width);
        const kept = graphemesOf(short.replace(/[\u2068\u2069…]/g, ''));
        expect(graphemesOf(said).slice(0, kept.length)).toEqual(kept);
        expect([...short].filter((each) => each === '\u2068').length).toBe(
          [...short].filter((each) => each === '\u2069').length,
        );
      }),
      { seed, numRuns: 500 },
    );
  });

  test(`lines up, whatever the script (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 8 }), (rows) => {
        const heads = [{ text: 'one' }, { text: 'two' }];
        const marked = rows.map((row) => row.map((cell) => `${shown(cell)}|`));
        const lines = columns({ heads, rows: marked, widths: [9, 9] })
          .split('\n')
          .slice(1);
        const first = Math.max(3, ...marked.map(([cell = '']) => widthOf(cut(cell, 9))));
        for (const [at, line] of lines.entries()) {
          const second = cut(marked[at]?.[1] ?? '', 9).trimEnd();
          expect(line.endsWith(second)).toBe(true);
          expect(widthOf(line)).toBe(first + 2 + widthOf(second));
        }
      }),
      { seed, numRuns: 200 },
    );
  });
});

test('names keep their order in a sentence, and what is not theirs is escaped', () => {
  expect(shown(`in “${isolate('דוד')}” and “${isolate('ada')}”`)).toBe(
    '\u2068in “\u2068דוד\u2069” and “ada”\u2069',
  );
  expect(shown('דוד')).toBe('\u2068דוד\u2069');
  expect(shown('a\u2068b')).toBe('a\\u2068b');
  expect(shown('\u2068a\u202e\n\u2069\u2069')).toBe('\u2068a\\u202e\\n\u2069\\u2069');
});

test('each command keeps the name and the description that the list gives it', async () => {
  for (const [name, { description, load }] of Object.values(commands).flatMap(Object.entries)) {
    const command = (await load())(new Command(name).description(description));
    expect([command.name(), command.description()]).toEqual([name, description]);
  }
});

test('text and JSON of others are printed without control characters, and JSON stays what it is', () => {
  const sign = fc.oneof(
    fc.integer({ min: 0, max: 0x2ff }),
    fc.constantFrom(0x202e, 0x2028, 0x2066, 0xfeff, 0xd800, 0x1f44d),
  );
  const text = fc.array(sign).map((codes) => String.fromCodePoint(...codes));
  const raw = /[\p{Cc}\u2028\u202e\u2066\ufeff]/u;
  fc.assert(
    fc.property(text, (said) => {
      expect(shown(said)).not.toMatch(raw);
      const line = jsonLine({ [said]: said });
      expect(line).not.toMatch(raw);
      expect(JSON.parse(line)).toEqual({ [said]: said });
    }),
    { seed: 20_261_129, numRuns: 500 },
  );
});
