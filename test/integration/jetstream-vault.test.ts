import { randomUUID } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect } from 'vitest';
import { openKvVault } from '../../src/engine/cluster/kv-vault.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import type { Vault } from '../../src/events/vault.ts';
import { vaultContract } from '../contract/vault.ts';
import { describeWithNats, natsUrl, testWithNats } from '../support/fixtures/servers.ts';

const someBucket = (): string => `vault-${randomUUID().slice(0, 8)}`;

describeWithNats('contract', () => {
  vaultContract('NATS KV', async () => {
    const name = someBucket();
    const connected = await connectNats(natsUrl());
    const open = (): Promise<Vault> => openKvVault(connected.nc, { bucket: name });
    return { vault: await open(), reopen: open, dispose: () => connected.nc.close() };
  });
});

let nc: NatsConnection;
let vault: Vault;
let bucket = '';

beforeEach(async () => {
  if (natsUrl() === '') return;
  ({ nc } = await connectNats(natsUrl()));
  bucket = someBucket();
  vault = await openKvVault(nc, { bucket });
});

afterEach(async () => {
  await vault?.close();
  await nc?.close();
});

testWithNats('what is destroyed is gone, old values included, and may be put again', async () => {
  await vault.put('key', 'first-secret');
  await vault.put('key', 'second-secret');
  await vault.put('other', 'kept');
  await vault.destroy('key');
  await vault.destroy('key');
  await vault.destroy('never-there');
  expect(await vault.get('key')).toBeUndefined();
  const stored = await nc.request(`$JS.API.STREAM.MSG.GET.KV_${bucket}`, '{"seq":2}');
  expect(stored.json<{ error?: object }>().error).toBeDefined();
  await vault.put('key', 'third-secret');
  expect(await vault.get('key')).toBe('third-secret');
  expect(await vault.get('other')).toBe('kept');
});

testWithNats('no two keys are one, whatever they are made of', async () => {
  const keys = ['a', 'a.b', 'a..b', '.a', 'a.', 'a=2Eb', 'a/b', 'a*', '>', '*', '~!@', 'A', '...'];
  for (const key of keys) await vault.put(key, `value of ${key}`);
  for (const key of keys) expect(await vault.get(key)).toBe(`value of ${key}`);
});

testWithNats('a bucket that forgets by itself is refused', async () => {
  const info = await nc.request(`$JS.API.STREAM.INFO.KV_${bucket}`);
  const { config } = info.json<{ config: object }>();
  const path = `$JS.API.STREAM.UPDATE.KV_${bucket}`;
  await nc.request(path, JSON.stringify({ ...config, max_age: 3_600e9 }));
  await expect(openKvVault(nc, { bucket })).rejects.toThrow('must keep 1 permanently');
});
