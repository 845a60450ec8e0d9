import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDataFolder } from '../../src/engine/embedded/files/data-folder.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import type { Aggregate } from '../../src/events/aggregate.ts';
import { lastOf } from '../../src/events/commit.ts';
import { type LogChild, startLogChild, temporaryFolder } from '../support/fixtures/log-child.ts';
import { everything, readAll, Writer } from '../support/fixtures/log-fixtures.ts';

const seed = 7;
/** Numbers between 0 and 1, the same in each run: a linear congruential generator. */
const dice = (start: number) => {
  let state = start;
  return (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await folder.remove();
});

type Acknowledged = { readonly id: string; readonly aggregate: Aggregate; readonly last: number };

const acknowledgedBy = ({ lines }: LogChild): Acknowledged[] =>
  lines
    .map((line) => line.split(' '))
    .filter(([word, , , last]) => word === 'acknowledged' && last !== undefined)
    .map(([, id = '', aggregate = '', last]) => ({
      id,
      aggregate: aggregate as Aggregate,
      last: Number(last),
    }));

test(`killed at any moment, a log loses nothing that was acknowledged (seed ${seed})`, async () => {
  const { path } = folder;
  const throwDice = dice(seed);
  const acknowledged: Acknowledged[] = [];
  for (let round = 0; round < 6; round++) {
    const child = startLogChild('append', path);
    await child.said('opened');
    await child.told(1 + Math.floor(throwDice() * 2500));
    await child.kill();
    acknowledged.push(...acknowledgedBy(child));

    const held = await openDataFolder(path);
    const log = await openLmdbLog({ path });
    const kept = new Map((await everything(log)).map((recorded) => [recorded.commit.id, recorded]));
    for (const { id, aggregate, last } of acknowledged) {
      const recorded = kept.get(id);
      expect(recorded?.aggregate).toBe(aggregate);
      expect(recorded && lastOf(recorded.commit)).toBe(last);
    }
    for (const aggregate of new Set(acknowledged.map((one) => one.aggregate))) {
      const chain = await readAll(log, aggregate);
      expect((await log.tail(aggregate)).hash).toBe(chain.at(-1)?.hash);
    }
    await log.close();
    await held.release();
  }
  expect(acknowledged.length).toBeGreaterThan(100);
});

test('a full disk refuses with `full`, and what was there is whole', async () => {
  const { path } = folder;
  const child = startLogChild('fill', path, { fileBytesMax: 2 * 1024 * 1024 });
  const [, reasons, count, state] = (await child.said('refused')).split(' ');
  expect({ reasons, state }).toEqual({ reasons: 'full', state: 'whole' });
  expect(Number(count)).toBeGreaterThan(50);
  await child.said('closed');
  await child.ended;

  const log = await openLmdbLog({ path });
  expect(await everything(log)).toHaveLength(Number(count));
  const writer = new Writer(log);
  await writer.append();
  expect(await everything(log)).toHaveLength(Number(count) + 1);
  await log.close();
});
