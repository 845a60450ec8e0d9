import fc from 'fast-check';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import type { Entry } from '../../src/history/entries.ts';
import { isAsked, placeIn, rowOf } from '../support/checkers/naive-audit.ts';
import { replay } from '../support/checkers/replayed-log.ts';
import { until } from '../support/checkers/waiting.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import {
  call,
  makeCircle,
  type Person,
  password,
  personOf,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';
import {
  type AuditQuery,
  auditFile,
  auditOf,
  auditPage,
  auditPages,
  csvRows,
  playCircle,
} from '../support/generators/audit-play.ts';

const it = testOnEngines();
const seed = 20261125;

/** Each run of the program takes seconds where many tests share a machine. */
const manyRuns = { timeout: 180_000 };

it('the owner sees who did what, in which session, and what it was before', async ({ url }) => {
  const { ann, ben, eve, circle, stream, kept, gone, code } = await playCircle(url);
  const entries = await auditPages(ann, circle, { order: 'asc', limit: 7 });
  const changes = entries.map(({ k, before, after }) => [k, before, after]);
  const expiresAt = expect.any(Number);
  const joinedAt = expect.any(Number);
  const owned = { kind: 'circle', name: 'Tea', visibility: 'public', owner: ann.id };
  const changed = { name: 'Coffee', about: 'beans', visibility: 'private' };
  expect(changes).toEqual([
    ['circle-created', undefined, owned],
    ['member-joined', undefined, { user: ann.id }],
    ['stream-created', undefined, { name: 'general' }],
    ['stream-opened', undefined, undefined],
    ['member-joined', undefined, { user: ben.id }],
    ['circle-updated', { name: 'Tea', about: null, visibility: 'public' }, changed],
    ['circle-updated', { about: 'beans' }, { about: null }],
    ['invite-created', undefined, { code, maxUses: 3, expiresAt }],
    ['member-joined', undefined, { user: eve.id, invite: code }],
    ['member-data-changed', { nickname: null }, { nickname: 'Evie', dataChanged: true }],
    ['stream-created', undefined, { name: 'beans', topic: 'all' }],
    ['stream-opened', undefined, undefined],
    ['stream-updated', { name: 'beans', topic: 'all' }, { name: 'roasts', topic: null }],
    ['stream-archived', { archived: false }, { archived: true }],
    ['stream-restored', { archived: true }, { archived: false }],
    ['message-posted', undefined, { text: 'first' }],
    ['message-posted', undefined, { text: 'never said' }],
    ['message-edited', { text: 'first' }, { text: 'second' }],
    ['message-edited', { text: 'second' }, { text: 'third' }],
    ['reaction-added', undefined, { emoji: '👍' }],
    ['reaction-removed', { emoji: '👍' }, undefined],
    ['message-pinned', { pinned: false }, { pinned: true }],
    ['message-unpinned', { pinned: true }, { pinned: false }],
    ['message-deleted', { author: ben.id, text: 'never said' }, undefined],
    ['member-removed', { user: eve.id, joinedAt, nickname: 'Evie' }, undefined],
    ['member-left', { user: ben.id, joinedAt }, undefined],
    ['invite-revoked', { code, by: ann.id, maxUses: 3, uses: 1, expiresAt }, undefined],
    ['stream-deleted', { name: 'roasts' }, undefined],
  ]);
  const find = (k: string) => entries.findLast((entry) => entry.k === k);
  const shared = { circle, at: expect.any(Number), position: expect.stringMatching(/^\d+:\d+$/) };
  expect(find('message-edited')).toEqual({
    ...shared,
    ...{ n: 5, k: 'message-edited', of: 'stream', stream: circle, message: kept },
    ...{ by: ben.id, session: ben.session },
    ...{ before: { text: 'second' }, after: { text: 'third' } },
  });
  expect(find('message-deleted')).toMatchObject({ message: gone, by: ann.id, stream: circle });
  expect(find('member-removed')).toMatchObject({
    ...{ of: 'circle', n: 14, by: ann.id, user: eve.id, session: ann.session },
  });
  expect(find('stream-archived')).toMatchObject({ of: 'circle', stream });
  expect(JSON.stringify(entries)).not.toContain('mine alone');
  const newest = await auditPages(ann, circle, { limit: 9 });
  expect(newest).toEqual(entries.toReversed());
  const { users } = await auditPage(ann, circle);
  expect(users.map(({ id }) => id).sort()).toEqual([ann.id, ben.id, eve.id].sort());
});

it('nobody but its owner may ask what happened in a circle', async ({ url }) => {
  const [ann, ben, eve] = (await registerAll(url, ['ann', 'ben', 'eve'])) as [
    Person,
    Person,
    Person,
  ];
  const open = await makeCircle(ann, [ben]);
  const hidden = await makeCircle(ann, [], 'private');
  const { body } = await ann.call(`PUT /v1/directs/${ben.id}`);
  const direct = body.circle?.id ?? '';
  const answer = async (person: Person, path: string) => {
    const { status, body: problem } = await person.call(`GET ${path}`);
    return [status, problem.code];
  };
  for (const format of ['', 'ndjson', 'csv']) {
    const query: AuditQuery = format === '' ? {} : { format };
    expect(await answer(ben, auditOf(open, query))).toEqual([403, 'forbidden']);
    for (const person of [ann, ben]) {
      expect(await answer(person, auditOf(direct, query))).toEqual([403, 'forbidden']);
    }
    for (const circle of [open, hidden, direct, ann.id]) {
      const elsewhere = await answer(eve, `/v1/circles/${circle}/members`);
      expect(await answer(eve, auditOf(circle, query))).toEqual(elsewhere);
    }
    expect((await call(url, `GET ${auditOf(open, query)}`)).status).toBe(401);
  }
});

it('what does not fit is said, with how it should look', async ({ url }) => {
  const [ann] = (await registerAll(url, ['ann'])) as [Person];
  const circle = await makeCircle(ann);
  const cases: (readonly [AuditQuery, string, RegExp])[] = [
    [{ kind: 'member-removd' }, 'kind', /did you mean member-removed\?/],
    [{ kind: 'user-registered' }, 'kind', /is not a kind of event of circles/],
    [{ since: 'yesterday' }, 'since', /2026-03-03T14:05:00Z/],
    [{ until: '2026-02-30' }, 'until', /must be a time/],
    [{ since: '2026-03-04', until: '2026-03-03' }, 'until', /not be before since/],
    [{ after: '7' }, 'after', /<partition>:<seq>/],
    [{ after: '4095:7' }, 'after', /another partition/],
    [{ after: '4095:7', format: 'csv' }, 'after', /another partition/],
    [{ by: 'ann' }, 'by', /UUID/],
    [{ cursor: 'x' }, 'cursor', /`next`/],
    [{ limit: 201 }, 'limit', /./],
    [{ order: 'newest' }, 'order', /./],
    [{ colour: 'red' }, 'colour', /./],
  ];
  for (const [query, field, message] of cases) {
    const { status, text, body } = await ann.call(`GET ${auditOf(circle, query)}`);
    expect([query, status, body.field]).toEqual([query, 400, field]);
    expect(text).toMatch(message);
  }
});

it('pages go on where they ended while more happens', async ({ url }) => {
  const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
  const circle = await makeCircle(ann, [ben]);
  for (let count = 0; count < 8; count++) await post(ben, circle, { text: `${count}` });
  const all = await auditPages(ann, circle, { order: 'asc' });
  for (const order of ['asc', 'desc'] as const) {
    const query = { order, limit: 3, by: ben.id };
    const first = await auditPage(ann, circle, query);
    await post(ben, circle, { text: 'later' });
    const pages = [...first.entries];
    let next = first.next;
    while (next !== undefined) {
      const page = await auditPage(ann, circle, { ...query, cursor: next });
      pages.push(...page.entries);
      next = page.next;
      await post(ann, circle, { text: 'not asked for' });
    }
    const before = pages.filter((entry) => placeIn(entry) <= placeIn(all.at(-1) ?? entry));
    const asked = all.filter(({ by }) => by === ben.id);
    expect(before).toEqual(order === 'asc' ? asked : asked.toReversed());
  }
});

it(
  `the pages of an audit are what a look through the whole log finds (seed ${seed})`,
  async ({ stage, url }) => {
    const { ann, ben, eve, circle, stream } = await playCircle(url);
    const lines = await replay(stage.env, ['--circle', circle]);
    const rows = lines.map(rowOf);
    const kinds = [...new Set(rows.map(({ k }) => k))];
    const someone = fc.constantFrom(ann.id, ben.id, eve.id);
    const time = fc.constantFrom(...rows.map(({ at }) => at));
    const filters = fc.record(
      {
        by: someone,
        user: someone,
        stream: fc.constantFrom(circle, stream),
        kind: fc.constantFrom(...kinds),
        since: time,
        until: time,
        after: fc.constantFrom(...rows.map(({ position }) => position)),
      },
      { requiredKeys: [] },
    );
    const paging = fc.record({
      order: fc.constantFrom('asc' as const, 'desc' as const),
      limit: fc.integer({ min: 1, max: 6 }),
    });
    const law = fc.asyncProperty(filters, paging, async (filter, { order, limit }) => {
      fc.pre((filter.since ?? 0) <= (filter.until ?? Number.MAX_SAFE_INTEGER));
      const found = await auditPages(ann, circle, { ...filter, order, limit });
      const asked = rows.filter((row) => isAsked(row, filter));
      const keyOf = ({ position, n, k }: Pick<Entry, 'position' | 'n' | 'k'>) =>
        `${position}/${n} ${k}`;
      const expected = asked.map(keyOf);
      expect(found.map(keyOf)).toEqual(order === 'asc' ? expected : expected.reverse());
    });
    await fc.assert(law, { seed, numRuns: 60 });
  },
  manyRuns,
);

it('files hold everything, for programs and for spreadsheets, and no formula', async ({ url }) => {
  const { body } = await call(url, 'POST /v1/users', {
    body: { username: `-${Math.random().toString(36).slice(2)}`, password },
  });
  const ann = personOf(url, body);
  const circle = await makeCircle(ann);
  const hostile = [
    '=HYPERLINK("http://evil","x")',
    '+1',
    '@SUM(1)',
    'a "quote", a comma\r\nand a line',
    '\u2028 ،؛ 𝟘 \t',
  ];
  for (const text of hostile) await post(ann, circle, { text });
  await ann.call(`PATCH /v1/circles/${circle}`, { name: '=1+1', about: '-2' });
  const all = await auditPages(ann, circle, { order: 'asc' });

  const lines = await auditFile(ann, circle, { format: 'ndjson' });
  expect(lines.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  expect(lines.headers.get('content-disposition')).toBe(
    `attachment; filename="audit-${circle}.ndjson"`,
  );
  const entries = lines.text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(entries.map(({ byName: _, userName: __, ...entry }) => entry)).toEqual(all);
  expect(new Set(entries.map(({ byName }) => byName))).toEqual(new Set([ann.username]));

  const csv = await auditFile(ann, circle, { format: 'csv' });
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
  const cells = csvRows(csv.text);
  expect(cells.map(({ position, n }) => [position, Number(n)])).toEqual(
    all.map(({ position, n }) => [position, n]),
  );
  expect(cells.map(({ after = '' }) => (after === '' ? undefined : JSON.parse(after)))).toEqual(
    all.map(({ after }) => after),
  );
  expect(cells[0]?.byName).toBe(`'${ann.username}`);
  expect(cells[0]?.at).toBe(new Date(all[0]?.at ?? 0).toISOString());
  const dangerous = cells
    .flatMap((row) => Object.values(row))
    .filter((cell) => /^[=+\-@\t\r]/.test(cell));
  expect(dangerous).toEqual([]);

  const empty = await auditFile(ann, circle, { format: 'csv', kind: 'member-removed' });
  expect(csvRows(empty.text)).toEqual([]);
  expect(empty.text).toContain('"position"');
  const none = await auditFile(ann, circle, { format: 'ndjson', kind: 'member-removed' });
  expect(none.text).toBe('');
});

it(
  'oshi audit shows the same beside the server, in all circles too, and addresses while they are known',
  async ({ stage, url }) => {
    const { ann, ben, circle, gone } = await playCircle(url);
    const socket = await TestSocket.greet(url, ann);
    const said = { s: `${circle}/${circle}`, id: uuid7(), text: 'over a socket' };
    await socket.command('post-message', said);
    const audit = async (...words: string[]) => {
      const { code, stdout, stderr } = await runCommand(['audit', ...words], stage.env);
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    const entriesIn = (stdout: string) =>
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    const all = await auditPages(ann, circle, { order: 'asc' });
    const printed = entriesIn(await audit('--circle', circle, '--json'));
    expect(printed.map(({ byName: _, userName: __, ...entry }) => entry)).toEqual(all);

    const table = (await audit('--circle', circle, '--limit', '12')).trimEnd().split('\n');
    expect(table).toHaveLength(13);
    expect(table[0]).toMatch(/^time +circle +what +who +on +change +position$/);
    const removal = table.find((line) => line.includes('message-deleted'));
    expect(removal).toContain(`Coffee`);
    expect(removal).toContain(`${ann.username}`);
    expect(removal).toContain(`author ${ben.username} →, “never said” →`);

    const everywhere = entriesIn(await audit('--by', ben.id, '--kind', 'message-edited', '--json'));
    expect(everywhere.map(({ circle: own, after }) => [own, after])).toEqual([
      [circle, { text: 'second' }],
      [circle, { text: 'third' }],
    ]);
    const csv = await audit('--by', ben.id, '--csv', '--limit', '2', '--addresses');
    expect(csv.startsWith('\uFEFF"position"')).toBe(true);
    expect(csvRows(csv.slice(1)).map(({ k }) => k)).toEqual(['message-edited', 'member-left']);

    let last: { address?: string } | undefined;
    await until(async () => {
      const found = await audit('--circle', circle, '--limit', '1', '--json', '--addresses');
      [last] = entriesIn(found);
      return last?.address !== undefined;
    }, 'the address in the connection log');
    expect(last).toMatchObject({ k: 'message-posted', by: ann.id, address: expect.any(String) });

    const bad = await runCommand(['audit', '--kind', 'member-removd'], stage.env);
    expect([bad.code, bad.stdout]).toEqual([2, '']);
    expect(bad.stderr).toContain('did you mean member-removed?');
    const unknown = await runCommand(['audit', '--circle', gone], stage.env);
    expect([unknown.code, unknown.stdout]).toEqual([1, '']);
    expect(unknown.stderr).toMatch(/^oshi: there is no circle .*\n$/);
    socket.close();
  },
  manyRuns,
);
