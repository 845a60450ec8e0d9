import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { connectionAggregate } from '../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../src/events/commit.ts';
import { follow } from '../../src/events/follow.ts';
import { uuid7 } from '../../src/events/ids.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import { emptyTail, type Recorded } from '../../src/events/log.ts';
import { startLogChild, temporaryFolder } from '../support/fixtures/log-child.ts';
import {
  aUser,
  commitAfter,
  everything,
  readAll,
  reasonOf,
  scanBatches,
  Writer,
} from '../support/fixtures/log-fixtures.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = folder.path;
});
afterEach(async () => {
  await folder.remove();
});

describe('a log that another process writes', () => {
  test('is read while it grows, and appended to by nobody else', async () => {
    const child = startLogChild('append', path);
    await child.said('acknowledged');
    const log = await openLmdbLog({ path, readOnly: true });
    let seen: Recorded[] = [];
    for (const lines of [500, 3000, 6000]) {
      await child.told(lines);
      const before = seen;
      seen = await everything(log);
      expect(seen.length).toBeGreaterThan(before.length);
      expect(seen.slice(0, before.length)).toEqual(before);
      const told = new Set(seen.map(({ commit }) => commit.id));
      for (const line of child.lines.slice(1, lines)) expect(told).toContain(line.split(' ')[1]);
    }
    const [first] = seen;
    if (!first) throw new Error('nothing was seen');
    expect((await readAll(log, first.aggregate)).length).toBeGreaterThan(1);
    expect((await log.tail(first.aggregate)).n).toBeGreaterThan(1);
    expect(await reasonOf(log.append(first.aggregate, commitAfter(emptyTail), emptyTail))).toBe(
      'unavailable',
    );
    await log.close();
    await child.kill();
  });

  test('is followed without a gap', async () => {
    const child = startLogChild('append', path);
    await child.said('acknowledged');
    const log = await openLmdbLog({ path, readOnly: true });
    const heard: Recorded[] = [];
    const live = await log.live(0, (recorded) => heard.push(recorded));
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(1000), { timeout: 20_000 });
    live.stop();
    await child.kill();
    const scanned = (await scanBatches(log, 0, { after: live.after })).flat();
    expect(heard).toEqual(scanned.slice(0, heard.length));
    await log.close();
  });

  test('ends whoever follows it with the reason, when what comes next cannot be read', async () => {
    await (await openLmdbLog({ path })).close();
    const log = await openLmdbLog({ path, readOnly: true });
    const following = (async () => {
      for await (const _ of follow(log, { partition: 0, after: 0 }, new AbortController().signal));
    })();
    const child = startLogChild('spoil', path);
    await expect(following).rejects.toThrow(/is damaged .*invalid JSON/);
    await child.ended;
    await log.close();
  });

  test('must be there', async () => {
    await expect(openLmdbLog({ path, readOnly: true })).rejects.toThrow(/There is no log at/);
  });
});

const hour = 60 * 60 * 1000;

const closedAt = (at: number): LoggedEvent => ({
  ...event('connection-closed', { id: uuid7(at), code: 1000, frames: 1, commands: 1 }),
  at,
  by: uuid7(at),
});

describe('a log that keeps things for a time', () => {
  test('drops from the front what is older, and goes on', async () => {
    let now = 1_700_000_000_000;
    const options = { path, name: 'connections', retentionMs: 10 * hour, now: () => now };
    const log = await openLmdbLog(options);
    const left = new Writer(log, connectionAggregate(aUser()));
    const stays = new Writer(log, connectionAggregate(aUser()));
    for (let count = 0; count < 300; count++) await left.append([closedAt(now)]);
    for (let count = 0; count < 20; count++) {
      await stays.append([closedAt(now), closedAt(now)]);
      now += hour;
    }
    expect(await log.trim()).toBe(310);
    expect(await log.trim()).toBe(0);
    expect(await readAll(log, left.aggregate)).toEqual([]);
    expect(await log.tail(left.aggregate)).toEqual(emptyTail);
    const rest = await readAll(log, stays.aggregate);
    expect(rest.map(({ commit }) => commit.n)).toEqual([21, 23, 25, 27, 29, 31, 33, 35, 37, 39]);
    expect(await readAll(log, stays.aggregate, { after: 30 })).toEqual(rest.slice(5));
    expect(await everything(log)).toEqual(rest);
    expect(await log.tail(stays.aggregate)).toEqual(stays.tail);
    await stays.append([closedAt(now)]);

    const stale = left.append([closedAt(now)]);
    expect(await reasonOf(stale)).toBe('conflict');
    left.tail = emptyTail;
    await left.append([closedAt(now)]);
    expect(left.tail.seq).toBeGreaterThan(stays.tail.seq);
    await log.close();

    now += 9 * hour + hour / 2;
    const again = await openLmdbLog(options);
    expect((await everything(again)).map(({ commit }) => commit.n)).toEqual([41, 1]);
    now += hour;
    await again.trim();
    expect(await everything(again)).toEqual([]);
    const head = await again.head(0);
    await again.close();
    const third = await openLmdbLog(options);
    expect(await third.head(0)).toBe(head);
    left.tail = emptyTail;
    await third.close();
  });

  test('is another file than the log, which keeps everything', async () => {
    const log = await openLmdbLog({ path });
    const connections = await openLmdbLog({ path, name: 'connections', retentionMs: hour });
    const writer = new Writer(log);
    await writer.append();
    expect(await connections.trim()).toBe(0);
    expect(await everything(connections)).toEqual([]);
    expect(await log.trim()).toBe(0);
    expect(await everything(log)).toHaveLength(1);
    expect(connections.info.incarnation).not.toBe(log.info.incarnation);
    await connections.close();
    await log.close();
  });
});
