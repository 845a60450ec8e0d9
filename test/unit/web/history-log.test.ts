import { expect, it } from 'vitest';
import { Http } from '../../../src/client/http.ts';
import type { AuditEntry } from '../../../src/client/objects.ts';
import { AuditLog, keyOf, listedMax } from '../../../web/src/state/history/audit-log.ts';

const entry = (n: number, extras: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ position: `0:${n}`, n, k: 'member-left', of: 'circle', circle: 'c', at: n * 10, by: 'a' },
  ...extras,
});

/** A server with events 1 to `newest`, each at ten times its number; requested through the real client. */
const serverWith = (newest: number) => {
  const server = { newest, isAway: false, emptyPages: 0, asked: [] as string[] };
  const answer = (query: URLSearchParams): object => {
    const number = (name: string, otherwise: number) => Number(query.get(name) ?? otherwise);
    const until = Math.min(number('cursor', Infinity), number('until', Infinity));
    const after = Number(query.get('after')?.split(':')[1] ?? 0);
    const fitting = Array.from({ length: server.newest }, (_, index) => entry(index + 1))
      .filter(({ at, n }) => at >= number('since', 0) && at < until && n > after)
      .filter(({ by }) => by === (query.get('by') ?? by));
    if (query.get('order') !== 'asc') fitting.reverse();
    const entries = fitting.slice(0, number('limit', 50));
    const next = entries.length < fitting.length ? { next: String(entries.at(-1)?.at) } : {};
    // Without matches in a range, the answer is empty with a next cursor.
    if (server.emptyPages > 0) {
      server.emptyPages -= 1;
      return { entries: [], users: [], next: query.get('cursor') ?? String(Infinity) };
    }
    return { entries, users: [], ...next };
  };
  const fetcher = async (url: string): Promise<Response> => {
    server.asked.push(url.slice('http://oshi/v1/circles/c/audit'.length));
    if (server.isAway) return Response.json({ code: 'unavailable' }, { status: 503 });
    return Response.json(answer(new URL(url).searchParams));
  };
  const http = new Http({ url: 'http://oshi', fetch: fetcher as typeof fetch });
  return { server, log: new AuditLog('c', { http, onUsers: () => {} }) };
};

const numbers = ({ entries }: AuditLog): number[] => entries.value.map(({ n }) => n);
const range = (from: number, to: number): number[] =>
  Array.from({ length: from - to + 1 }, (_, index) => from - index);

it('is loaded page by page, newest first, to its end', async () => {
  const { server, log } = serverWith(120);
  await log.read();
  expect([numbers(log), log.state.value]).toEqual([range(120, 71), 'ready']);
  await Promise.all([log.readMore(), log.readMore()]);
  await log.readMore();
  expect([numbers(log), log.next.value]).toEqual([range(120, 1), undefined]);
  await log.readMore();
  expect(server.asked).toHaveLength(3);
});

it('discards a page requested before the filters changed', async () => {
  const { log } = serverWith(120);
  await log.read();
  const on = log.readMore();
  await log.filter({ by: 'nobody' });
  await on;
  expect([numbers(log), log.next.value]).toEqual([[], undefined]);
  await log.filter({});
  expect(numbers(log)).toEqual(range(120, 71));
});

it('adds new events once, and reloads if there are too many', async () => {
  const { server, log } = serverWith(3);
  await log.read();
  server.newest = 5;
  await log.refresh();
  await log.refresh();
  expect(numbers(log)).toEqual([5, 4, 3, 2, 1]);
  server.newest = 400;
  await log.refresh();
  expect(numbers(log)).toEqual(range(400, 351));
});

it('starts at a time that is not loaded, and at the newest again', async () => {
  const { server, log } = serverWith(120);
  await log.read();
  expect(await log.reach(900)).toBe(false);
  expect(await log.reach(300)).toBe(true);
  expect(numbers(log)).toEqual(range(30, 1));
  server.newest = 121;
  await log.refresh();
  expect(numbers(log)[0]).toBe(30);
  expect(await log.reach(250)).toBe(false);
  expect(await log.reach(450)).toBe(true);
  expect(numbers(log)[0]).toBe(45);
  expect(await log.reach(undefined)).toBe(true);
  expect(numbers(log)[0]).toBe(121);
  expect(await log.reach(undefined)).toBe(false);
});

it('finds the events next to a time, within the filters', async () => {
  const { log } = serverWith(5);
  expect(await log.neighbour(undefined, 'earlier')).toBe(40);
  expect(await log.neighbour(undefined, 'later')).toBeUndefined();
  expect(await log.neighbour(35, 'earlier')).toBe(20);
  expect(await log.neighbour(30, 'earlier')).toBe(20);
  expect(await log.neighbour(30, 'later')).toBe(40);
  expect(await log.neighbour(50, 'later')).toBeUndefined();
  expect(await log.neighbour(10, 'earlier')).toBeUndefined();
  await log.filter({ since: 20, until: 41 });
  expect(await log.neighbour(20, 'earlier')).toBeUndefined();
  expect(await log.neighbour(40, 'later')).toBeUndefined();
  expect(await log.neighbour(10, 'later')).toBe(20);
});

it('reports an error, keeps its entries, and can be retried', async () => {
  const { server, log } = serverWith(120);
  await log.read();
  server.isAway = true;
  await log.readMore();
  expect([numbers(log).length, log.problem.value]).toEqual([50, expect.stringMatching(/reached/)]);
  server.isAway = false;
  await log.readMore();
  expect([numbers(log).length, log.problem.value]).toEqual([100, '']);
});

it('distinguishes events of one commit, and streams from their circle', () => {
  const same = { position: '0:9', n: 1 };
  const keys = [
    entry(1, same),
    entry(1, { ...same, of: 'stream', stream: 's' }),
    entry(1, { ...same, n: 2 }),
    // An event of the circle about a stream.
    entry(1, { ...same, n: 3, stream: 's' }),
  ].map(keyOf);
  expect(new Set(keys).size).toBe(4);
});

it('continues after an empty page with a next one', async () => {
  const { server, log } = serverWith(3);
  server.emptyPages = 4;
  await log.read();
  expect(numbers(log)).toEqual([3, 2, 1]);
  server.emptyPages = 2;
  expect(await log.neighbour(30, 'earlier')).toBe(20);
  server.emptyPages = 1_000;
  await log.read();
  expect([numbers(log), log.next.value]).toEqual([[], 'Infinity']);
});

it('lists a bounded number, and drops the newest when it loads more', async () => {
  const { log } = serverWith(listedMax + 100);
  await log.read();
  while (!log.isFull) await log.readMore();
  const oldest = numbers(log).at(-1) ?? 0;
  await log.readMore();
  expect([numbers(log)[0], log.upTo.value]).toEqual([oldest, oldest * 10]);
  while (log.next.value !== undefined) await log.readMore();
  expect(numbers(log).at(-1)).toBe(1);
});
