import { afterEach, expect } from 'vitest';
import { connectionFamily } from '../../src/engine/cluster/jetstream-log/family.ts';
import { isAtLeast } from '../../src/engine/cluster/server-version.ts';
import { type Aggregate, connectionAggregate, partitionOf } from '../../src/events/aggregate.ts';
import { event } from '../../src/events/kinds/kinds.ts';
import { emptyTail, type Recorded } from '../../src/events/log.ts';
import {
  appendMany,
  eventually,
  logFixture,
  type OpenLog,
} from '../support/fixtures/jetstream-fixture.ts';
import {
  aStreamAggregate,
  aUser,
  aUserAggregate,
  commitAfter,
  everything,
  readAll,
  reasonOf,
} from '../support/fixtures/log-fixtures.ts';
import { natsUrl, testWithNats } from '../support/fixtures/servers.ts';

let fixture = logFixture();

afterEach(async () => {
  await fixture.close();
  fixture = logFixture();
});

type Config = Record<string, unknown> & { readonly name: string };

const api = async <Answer>({ nc }: OpenLog, path: string, body: object = {}): Promise<Answer> => {
  const answer = await nc.request(`$JS.API.${path}`, JSON.stringify(body));
  const json = answer.json<Answer & { error?: { description: string } }>();
  if (json.error) throw new Error(json.error.description);
  return json;
};

const configOf = async (open: OpenLog, partition: number): Promise<Config> => {
  const path = `STREAM.INFO.${fixture.prefix}_OSHI_EV_${partition}`;
  return (await api<{ config: Config }>(open, path)).config;
};

testWithNats('nodes that start at the same moment make one log', async () => {
  const all = await Promise.all([1, 2, 3, 4].map(() => fixture.open(natsUrl(), { partitions: 5 })));
  const [first] = all;
  for (const { log } of all) expect(log.info).toEqual(first?.log.info);
  expect(first?.log.info.partitions).toBe(5);
  expect(first?.log.info.incarnation).toMatch(/^[0-9a-f-]{36}$/);
});

testWithNats('a log keeps its number of partitions', async () => {
  const { log } = await fixture.open(natsUrl(), { partitions: 2 });
  const again = await fixture.open(natsUrl(), { partitions: 3 });
  expect(again.log.info).toEqual(log.info);
  expect(log.info.partitions).toBe(2);
});

testWithNats('a stream that would forget commits is refused', async () => {
  const open = await fixture.open(natsUrl(), { partitions: 2 });
  const config = await configOf(open, 1);
  const update = { ...config, max_age: 3_600e9, max_msgs: 1_000_000 };
  await api(open, `STREAM.UPDATE.${config.name}`, update);
  await expect(fixture.open(natsUrl(), { partitions: 2 })).rejects.toThrow(
    `the stream ${config.name} would lose commits or mix them up: max_age is 3600000000000, not 0; max_msgs is 1000000, not -1.`,
  );
});

testWithNats('what an older version has left is brought up to date', async () => {
  const open = await fixture.open(natsUrl());
  const config = await configOf(open, 0);
  const old = { ...config, allow_direct: false, duplicate_window: 120e9 };
  await api(open, `STREAM.UPDATE.${config.name}`, old);
  await fixture.open(natsUrl());
  expect(await configOf(open, 0)).toEqual(config);
});

testWithNats('a stream that does not send again is made to, and live works', async ({ skip }) => {
  const open = await fixture.open(natsUrl());
  skip(!isAtLeast(open.nc.info?.version ?? '', '2.10.0'), 'this server cannot change that');
  const { republish, ...silent } = await configOf(open, 0);
  await api(open, `STREAM.UPDATE.${silent.name}`, silent);
  expect(await configOf(open, 0)).toEqual(silent);
  const again = await fixture.open(natsUrl());
  expect(await configOf(open, 0)).toEqual({ ...silent, republish });
  const seen: Recorded[] = [];
  await again.log.live(0, (recorded) => seen.push(recorded));
  await appendMany(again.log, aUserAggregate(), 2);
  await eventually(() => seen.length).toBe(2);
});

testWithNats('a stream that is missing from a log that holds commits is told', async () => {
  const open = await fixture.open(natsUrl(), { partitions: 2 });
  await Promise.all(Array.from({ length: 20 }, () => appendMany(open.log, aUserAggregate(), 1)));
  for (const lost of [1, 0]) {
    const name = `${fixture.prefix}_OSHI_EV_${lost}`;
    await api(open, `STREAM.DELETE.${name}`);
    await expect(fixture.open(natsUrl(), { partitions: 2 })).rejects.toThrow(
      `the stream ${name} of the event log is missing on the NATS server: restore it from a backup.`,
    );
    if (lost === 0) break;
    // Made anew by hand, it is no part of this log.
    const { republish: _, ...first } = await configOf(open, 0);
    await api(open, `STREAM.CREATE.${name}`, {
      ...first,
      name,
      subjects: [`${fixture.prefix}.oshi.ev.1.>`],
      description: 'mine',
    });
    await expect(fixture.open(natsUrl(), { partitions: 2 })).rejects.toThrow('does not belong');
  }
});

testWithNats(
  'a stream that is missing is told wherever the commits are, and before any',
  async () => {
    const partitions = 4;
    for (const isUsed of [false, true]) {
      await fixture.close();
      fixture = logFixture();
      const open = await fixture.open(natsUrl(), { partitions });
      const inLast = (): Aggregate => {
        const user = aUserAggregate();
        return partitionOf(user, partitions) === partitions - 1 ? user : inLast();
      };
      if (isUsed) await appendMany(open.log, inLast(), 1);
      const name = `${fixture.prefix}_OSHI_EV_1`;
      await api(open, `STREAM.DELETE.${name}`);
      await expect(fixture.open(natsUrl(), { partitions })).rejects.toThrow(
        `the stream ${name} of the event log is missing on the NATS server`,
      );
    }
  },
);

testWithNats('a full log says so, and goes on when there is room', async () => {
  const open = await fixture.open(natsUrl(), { bytesMax: 20_000 });
  const outcomes = await Promise.all(
    Array.from({ length: 100 }, () =>
      reasonOf(open.log.append(aUserAggregate(), commitAfter(emptyTail), emptyTail)),
    ),
  );
  const stored = outcomes.filter((outcome) => outcome === 'appended').length;
  expect(stored).toBeGreaterThan(10);
  expect(new Set(outcomes)).toEqual(new Set(['appended', 'full']));
  expect(await everything(open.log)).toHaveLength(stored);
  const config = await configOf(open, 0);
  await api(open, `STREAM.UPDATE.${config.name}`, { ...config, max_bytes: -1 });
  await appendMany(open.log, aUserAggregate(), 1);
  expect(await everything(open.log)).toHaveLength(stored + 1);
});

testWithNats('a stream that is gone: appends are unavailable', async () => {
  const open = await fixture.open(natsUrl());
  const config = await configOf(open, 0);
  await api(open, `STREAM.DELETE.${config.name}`);
  const append = (): Promise<string> =>
    reasonOf(open.log.append(aUserAggregate(), commitAfter(emptyTail), emptyTail));
  expect(await append()).toBe('unavailable');
  expect(await Promise.all([append(), append()])).toEqual(['unavailable', 'unavailable']);
});

testWithNats(
  'the log of connections: one stream, a subject for each user, and it forgets',
  async () => {
    const options = { family: connectionFamily, retentionMs: 30 * 86_400_000 };
    const open = await fixture.open(natsUrl(), options);
    const stream = `${fixture.prefix}_OSHI_CX`;
    const { config } = await api<{ config: Config }>(open, `STREAM.INFO.${stream}`);
    expect(config).toMatchObject({
      max_age: 30 * 86_400e9,
      subjects: [`${fixture.prefix}.oshi.cx.>`],
    });
    const user = aUser();
    const seen: Recorded[] = [];
    await open.log.live(0, (recorded) => seen.push(recorded));
    const opened = event('connection-opened', { id: aUser(), session: aUser() });
    const commit = commitAfter(emptyTail, [{ ...opened, at: 1, by: user }]);
    const tail = await open.log.append(connectionAggregate(user), commit, emptyTail);
    const [recorded] = await readAll(open.log, connectionAggregate(user));
    expect(recorded).toMatchObject({ aggregate: connectionAggregate(user), commit, seq: tail.seq });
    await eventually(() => seen).toEqual([recorded]);
    const { message } = await api<{ message: { subject: string } }>(
      open,
      `STREAM.MSG.GET.${stream}`,
      { seq: 1 },
    );
    expect(message.subject).toBe(`${fixture.prefix}.oshi.cx.${user}`);
    await expect(
      open.log.append(aStreamAggregate(), commitAfter(emptyTail), emptyTail),
    ).rejects.toThrow('is not valid in OSHI_CX');
  },
);
