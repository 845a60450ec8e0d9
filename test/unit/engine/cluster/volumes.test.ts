import type { NatsConnection } from '@nats-io/transport-node';
import { type Db, MongoServerError } from 'mongodb';
import { expect, test } from 'vitest';
import { volumeOf } from '../../../../src/engine/cluster/mongo-store/mongo-volume.ts';
import { natsVolume } from '../../../../src/engine/cluster/nats-volume.ts';

/** A NATS connection on which JetStream describes the account like this. */
const natsWith = (account: object): NatsConnection =>
  ({ request: async () => ({ json: () => account }) }) as never;

const usage = (storage: number, max: number, streams = 1) => ({
  ...{ storage, streams },
  limits: { max_storage: max },
});

test.for([
  ['the limit less what is stored', usage(30, 100), 70],
  ['nothing above the limit', usage(130, 100), 0],
  ['unknown without a limit', usage(30, -1), undefined],
  [
    'the least of the tiers with streams',
    { ...usage(0, 0, 0), tiers: { R1: usage(30, 100), R3: usage(90, 120), R5: usage(0, 10, 0) } },
    30,
  ],
] as const)('free in an account of NATS: %s', async ([, account, free]) => {
  expect(await natsVolume(natsWith(account)).freeBytes()).toBe(free);
});

test('an account of NATS that is not reported is an error, not unknown', async () => {
  const refusing = natsWith({ error: { description: 'JetStream not enabled' } });
  await expect(natsVolume(refusing).freeBytes()).rejects.toThrow('JetStream not enabled');
});

const mongoWith = (dbStats: () => object): Db => ({ command: async () => dbStats() }) as never;
const failing = (code: number) => () => {
  throw new MongoServerError({ message: 'refused', code });
};

test('free on the disk of MongoDB; unknown without the privilege and where no disk is reported', async () => {
  const freeOf = (dbStats: () => object) => volumeOf(mongoWith(dbStats)).freeBytes();
  expect(await freeOf(() => ({ fsTotalSize: 100, fsUsedSize: 30 }))).toBe(70);
  expect(await freeOf(() => ({ fsTotalSize: 0, fsUsedSize: 0 }))).toBeUndefined();
  expect(await freeOf(() => ({ raw: {} }))).toBeUndefined();
  expect(await freeOf(failing(13))).toBeUndefined();
  await expect(freeOf(failing(189))).rejects.toThrow('refused');
});
