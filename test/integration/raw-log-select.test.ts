import { afterEach, expect, test } from 'vitest';
import { openJetstreamRawLog } from '../../src/engine/cluster/jetstream-log/raw-log.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbRawLog } from '../../src/engine/embedded/lmdb-log/raw-log.ts';
import { circleAggregate, streamAggregate } from '../../src/events/aggregate.ts';
import { type CircleId, type StreamId, uuid7 } from '../../src/events/ids.ts';
import type { EventLog } from '../../src/events/log.ts';
import { isSelected, type RawLog, type Selection } from '../../src/events/raw-log.ts';
import { logFixture } from '../support/fixtures/jetstream-fixture.ts';
import { temporaryFolder } from '../support/fixtures/log-child.ts';
import { Writer } from '../support/fixtures/log-fixtures.ts';
import { natsUrl, testWithNats } from '../support/fixtures/servers.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Logs = { readonly log: EventLog; readonly raw: () => Promise<RawLog> };

const onFiles = async (): Promise<Logs> => {
  const { path, remove } = await temporaryFolder();
  const log = await openLmdbLog({ path, partitions: 2 });
  closing.push(remove, () => log.close());
  return { log, raw: () => openLmdbRawLog(path) };
};

const onServers = async (): Promise<Logs> => {
  const fixture = logFixture();
  closing.push(() => fixture.close());
  const { log, nc } = await fixture.open(natsUrl(), { partitions: 2 });
  return { log, raw: () => openJetstreamRawLog(nc, { prefix: fixture.prefix }) };
};

/** Eight circles of three streams, all written in turns; one stream is of the same name in all circles. */
const written = async (log: EventLog) => {
  const shared = uuid7() as StreamId;
  const circles = Array.from({ length: 8 }, () => uuid7() as CircleId);
  const streams = circles.map(() => [shared, uuid7() as StreamId, uuid7() as StreamId]);
  const writers = circles.flatMap((circle, index) => [
    new Writer(log, circleAggregate(circle)),
    ...(streams[index] ?? []).map((stream) => new Writer(log, streamAggregate(circle, stream))),
  ]);
  for (let round = 0; round < 4; round++) await Promise.all(writers.map((each) => each.append()));
  return { circles, streams };
};

const collected = async (raw: RawLog, batches: ReturnType<RawLog['scan']>) => {
  const all: string[] = [];
  for await (const batch of batches) {
    all.push(...batch.map(({ aggregate, seq, bytes }) => `${seq} ${aggregate} ${bytes.length}`));
  }
  return { all, partitions: raw.info.partitions };
};

const lookAt = async ({ log, raw: opened }: Logs): Promise<void> => {
  const { circles, streams } = await written(log);
  const raw = await opened();
  closing.push(() => raw.close());
  const [circle = '', other = ''] = circles;
  const [shared = '', own = ''] = streams[0] ?? [];
  const selections: readonly (readonly [Selection, number])[] = [
    [{ circle }, 16],
    [{ circle, stream: own }, 4],
    [{ stream: own }, 4],
    [{ stream: shared }, 32],
    [{ circle: other, stream: own }, 0],
    [{ circle: uuid7() }, 0],
    [{ stream: uuid7() }, 0],
  ];
  for (const [selection, count] of selections) {
    let found = 0;
    for (let partition = 0; partition < raw.info.partitions; partition++) {
      const head = await raw.head(partition);
      for (const stretch of [
        { after: 0, upTo: head },
        { after: Math.floor(head / 3), upTo: Math.floor(head / 2) },
      ]) {
        const { all } = await collected(raw, raw.scan(partition, stretch));
        const kept = all.filter((line) => isSelected(line.split(' ')[1] as never, selection));
        const selected = await collected(raw, raw.select(partition, stretch, selection));
        expect([selection, selected.all]).toEqual([selection, kept]);
        if (stretch.after === 0) found += kept.length;
      }
    }
    expect([selection, found]).toEqual([selection, count]);
  }
  for (let partition = 0; partition < raw.info.partitions; partition++) {
    const head = await raw.head(partition);
    expect((await raw.firstFrom(partition, 1))?.seq).toBe(1);
    expect((await raw.firstFrom(partition, head))?.seq).toBe(head);
    expect(await raw.firstFrom(partition, head + 1)).toBeUndefined();
  }
};

const title = 'a selection gives what a look at every commit gives, in order';

test(`${title} (embedded)`, async () => lookAt(await onFiles()));

testWithNats(`${title} (cluster)`, async () => lookAt(await onServers()));
