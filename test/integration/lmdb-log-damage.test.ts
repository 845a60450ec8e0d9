import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCommitStore } from '../../src/engine/embedded/lmdb-log/commit-store.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { encode } from '../../src/events/codec.ts';
import { type EventLog, emptyTail } from '../../src/events/log.ts';
import { temporaryFolder } from '../support/fixtures/log-child.ts';
import {
  aStreamAggregate,
  commitAfter,
  everything,
  messages,
  posted,
  readAll,
  Writer,
} from '../support/fixtures/log-fixtures.ts';

const pageBytes = 4096;
const header = 24;
const commits = 600;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = folder.path;
  file = join(path, 'log.mdb');
});
afterEach(async () => {
  await folder.remove();
});

/** A closed log of 30 aggregates, as bytes. */
const filled = async (): Promise<Buffer> => {
  const log = await openLmdbLog({ path });
  const writers = Array.from({ length: 30 }, () => new Writer(log));
  for (let round = 0; round < commits / 30; round++) {
    await Promise.all(
      writers.map((writer, index) =>
        writer.append(index === 0 ? [posted('x'.repeat(9000))] : messages(1 + (round % 3))),
      ),
    );
  }
  await log.close();
  return readFile(file);
};

/** What opening says when it refuses. */
const refusal = async (): Promise<string> => {
  try {
    const log = await openLmdbLog({ path });
    await log.close();
    return 'opened';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

const readWhole = async (log: EventLog): Promise<number> => {
  const all = await everything(log);
  for (const aggregate of new Set(all.map((recorded) => recorded.aggregate))) {
    await readAll(log, aggregate);
  }
  return all.length;
};

describe('a damaged file is refused with what happened and what to do', () => {
  test('cut off, at any length', async () => {
    const whole = await filled();
    const lengths = [0, 1, 100, 4095, 4096, 5000, 8192, 12_288];
    for (let part = 1; part < 12; part++) lengths.push(Math.floor((whole.length * part) / 12));
    lengths.push(whole.length - pageBytes * 8);
    for (const length of lengths) {
      await writeFile(file, whole);
      await truncate(file, length);
      const said = await refusal();
      expect(said, `at ${length}`).toMatch(/^StoreRefused: .*log\.mdb.*(backup|Move it away)/);
    }
    await writeFile(file, whole);
    expect(await refusal()).toBe('opened');
  });

  test('with a meta page that was changed', async () => {
    const whole = await filled();
    const offsets = { magic: 0, version: 4, pages: 24, depth: 78, root: 112, last: 120, txn: 128 };
    for (const [name, offset] of Object.entries(offsets)) {
      for (const page of [0, 1]) {
        for (const bit of [0, 1, 7]) {
          const bytes = Buffer.from(whole);
          const at = page * pageBytes + header + offset;
          bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
          await writeFile(file, bytes);
          const said = await refusal();
          if (said === 'opened') {
            const log = await openLmdbLog({ path });
            expect(await readWhole(log), `${name} ${page} ${bit}`).toBe(commits);
            await log.close();
          } else {
            expect(said).toMatch(/^StoreRefused: /);
          }
        }
      }
    }
  });

  test('with a meta page that leads to an older state of the file', async () => {
    const whole = await filled();
    const txnOf = (page: number): bigint => whole.readBigUInt64LE(page * pageBytes + header + 128);
    const meta = txnOf(0) > txnOf(1) ? 0 : 1;
    const root = meta * pageBytes + header + 112;
    const newest = Number(whole.readBigUInt64LE(root));
    let older = 0;
    for (let page = 2; (page + 1) * pageBytes <= whole.length; page++) {
      const isItself = whole.readBigUInt64LE(page * pageBytes) === BigInt(page);
      if (page === newest || !isItself) continue;
      const bytes = Buffer.from(whole);
      bytes.writeBigUInt64LE(BigInt(page), root);
      await writeFile(file, bytes);
      expect(await refusal(), `page ${page}`).toMatch(/^StoreRefused: /);
      older++;
    }
    expect(older).toBeGreaterThan(10);
  });

  test('which is none of LMDB', async () => {
    await writeFile(file, Buffer.alloc(20_000, 'text'));
    expect(await refusal()).toMatch(/log\.mdb is no LMDB file/);
  });

  test('which is no log', async () => {
    const other = open(file, { noSubdir: true });
    await other.put('some', 'thing');
    await other.close();
    expect(await refusal()).toMatch(/log\.mdb is no log of Oshi's/);
  });

  test('of another format', async () => {
    await filled();
    const store = await openCommitStore({ file });
    await store?.setMeta({ format: '2' });
    await store?.close();
    expect(await refusal()).toMatch(/has format 2, and this version of Oshi reads format 1/);
  });
});

test('a byte that is flipped anywhere never crashes and is never read as if it were right', async () => {
  const whole = await filled();
  let state = 20_260_702;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const outcomes = { refused: 0, found: 0, unused: 0 };
  for (let round = 0; round < 60; round++) {
    const bytes = Buffer.from(whole);
    const at = random(bytes.length);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random(8)), at);
    path = join(folder.path, `${round}`);
    file = join(path, 'log.mdb');
    await mkdir(path);
    await writeFile(file, bytes);
    let log: EventLog;
    try {
      log = await openLmdbLog({ path });
    } catch (error) {
      expect(error).toMatchObject({ name: 'StoreRefused' });
      outcomes.refused++;
      continue;
    }
    try {
      expect(await readWhole(log)).toBe(commits);
      outcomes.unused++;
    } catch (error) {
      expect(error).toMatchObject({ name: 'StoreRefused' });
      outcomes.found++;
    }
    await log.close();
  }
  expect(outcomes.refused).toBeGreaterThan(0);
  expect(outcomes.found).toBeGreaterThan(0);
});

describe('a broken chain is refused, naming the aggregate and the event', () => {
  const aggregate = aStreamAggregate();

  /** A log whose third commit is not what should stand there, far enough from its end not to be seen at opening. */
  const broken = async (change: { n?: number; prev?: string }): Promise<EventLog> => {
    const log = await openLmdbLog({ path });
    const writer = new Writer(log, aggregate);
    await writer.append();
    await writer.append();
    await log.close();
    const store = await openCommitStore({ file });
    const wrong = { ...commitAfter(writer.tail), ...change };
    const { n } = wrong;
    await store?.write([{ aggregate, partition: 0, seq: 3, n, bytes: encode(wrong) }]);
    const others = Array.from({ length: 250 }, (_, index) => ({
      aggregate: aStreamAggregate(),
      partition: 0,
      seq: 4 + index,
      n: 1,
      bytes: encode(commitAfter(emptyTail)),
    }));
    await store?.write(others);
    await store?.close();
    return openLmdbLog({ path });
  };

  test.each([
    ['a wrong hash', { prev: 'A'.repeat(43) }, /event 3 of .* does not have the hash/],
    ['a number left out', { n: 4 }, /after event 2 of .* comes event 4/],
  ])('%s', async (_, change, message) => {
    const log = await broken(change);
    await expect(readAll(log, aggregate)).rejects.toThrow(message);
    await expect(readAll(log, aggregate)).rejects.toThrow(aggregate);
    await expect(everything(log)).rejects.toThrow(message);
    await log.close();
  });
});
