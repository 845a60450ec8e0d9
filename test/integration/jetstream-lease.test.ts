import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, expect } from 'vitest';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import {
  type Holder,
  type LeaseOptions,
  refuseIfLeased,
  takeLease,
} from '../../src/engine/cluster/nats-lease.ts';
import { tcpProxy } from '../support/doubles/tcp-proxy.ts';
import { eventually } from '../support/fixtures/jetstream-fixture.ts';
import { natsUrl, startOwnNats, testWithNats } from '../support/fixtures/servers.ts';

const opened: NatsConnection[] = [];
const connect = async (url = natsUrl()): Promise<NatsConnection> => {
  const { nc } = await connectNats(url);
  opened.push(nc);
  return nc;
};
afterEach(async () => {
  for (const nc of opened.splice(0)) await nc.close();
});

/** A bucket of the test's own, and short times. */
const short = (more: LeaseOptions = {}): LeaseOptions => ({
  bucket: `lease-${randomUUID().slice(0, 8)}`,
  silentMsMax: 300,
  lookEveryMs: 20,
  ...more,
});

const recordIn = async (bucket = ''): Promise<Holder | undefined> => {
  const entry = await (await new Kvm(await connect()).open(bucket)).get('holder');
  return entry?.operation === 'PUT' ? entry.json<Holder>() : undefined;
};

/** Leaves the record of a holder that does not answer. */
const leaveRecord = async (bucket = '', more: Partial<Holder> = {}): Promise<void> => {
  const holder = { id: randomUUID(), host: 'elsewhere', pid: 7, since: 1000, ...more };
  const kv = await new Kvm(await connect()).create(bucket, { history: 1, allow_direct: false });
  await kv.put('holder', JSON.stringify(holder));
};

testWithNats(
  'while one holds the servers another one is refused with one line, and then gets them',
  async () => {
    const options = short();
    const lease = await takeLease(await connect(), options);
    const nc = await connect();
    await expect(refuseIfLeased(nc, options)).rejects.toThrow('another Oshi');
    await expect(takeLease(nc, options)).rejects.toThrow(
      new RegExp(
        `^another Oshi \\(process ${process.pid} on \\S+, since \\S+Z\\) uses these servers alone, [^\\n]+$`,
      ),
    );
    await lease.release();
    expect(await recordIn(options.bucket)).toBeUndefined();
    await refuseIfLeased(nc, options);
    await refuseIfLeased(nc, { bucket: 'no-such-bucket' });
    const warnings: string[] = [];
    const next = await takeLease(nc, { ...options, onWarning: (line) => warnings.push(line) });
    expect(warnings).toEqual([]);
    await next.release();
  },
);

testWithNats('of several that start at once exactly one gets the servers', async () => {
  const options = short();
  await leaveRecord(options.bucket);
  const all = await Promise.allSettled(
    Array.from({ length: 5 }, async () => takeLease(await connect(), options)),
  );
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const each of all) {
    if (each.status === 'fulfilled') await each.value.release();
    else expect(String(each.reason)).toContain('another Oshi');
  }
});

testWithNats(
  'a holder that is silent is waited for, which is said, and then replaced',
  async () => {
    const options = short();
    await leaveRecord(options.bucket);
    const warnings: string[] = [];
    const lease = await takeLease(await connect(), {
      ...options,
      onWarning: (line) => warnings.push(line),
    });
    expect(warnings).toEqual([
      'An Oshi that does not answer (process 7 on elsewhere, since 1970-01-01T00:00:01.000Z) has used these servers; it is waited for up to 0.3 s.',
    ]);
    expect(await recordIn(options.bucket)).toMatchObject({ pid: process.pid });
    await lease.release();
  },
);

testWithNats('a holder of this machine that has ended is replaced at once', async () => {
  const options = short({ silentMsMax: 1e9 });
  const first = await takeLease(await connect(), options);
  const record = await recordIn(options.bucket);
  await first.release();
  const beyondAllIds = 2 ** 30;
  await leaveRecord(options.bucket, { ...record, id: randomUUID(), pid: beyondAllIds });
  const lease = await takeLease(await connect(), options);
  await lease.release();
});

testWithNats(
  'how long a holder is silent is measured by the clock that only goes forward',
  async () => {
    let elapsedMs = 0;
    const options = short({ silentMsMax: 1000, elapsed: () => elapsedMs });
    await leaveRecord(options.bucket);
    const taking = takeLease(await connect(), { ...options, now: () => 1e15 });
    await sleep(0);
    let isTaken = false;
    void taking.then(() => {
      isTaken = true;
    });
    const nc = await connect();
    const asked: string[] = [];
    nc.subscribe('oshi.lease.>', { callback: (_error, { subject }) => void asked.push(subject) });
    await eventually(() => asked.length).toBeGreaterThan(2);
    expect(isTaken).toBe(false);
    elapsedMs = 1000;
    await (await taking).release();
  },
);

testWithNats(
  'a holder that was cut off finds that it was replaced, and leaves the record alone',
  async () => {
    const proxy = await tcpProxy(Number(new URL(natsUrl()).port));
    const options = short();
    const cut = await takeLease(await connect(`nats://127.0.0.1:${proxy.port}`), options);
    proxy.refuse(true);
    proxy.cut();
    await leaveRecord(options.bucket, { pid: 8 });
    proxy.refuse(false);
    expect((await cut.lost).message).toMatch(
      /^another Oshi \(process 8 on elsewhere, .*\) has taken over these servers\.$/,
    );
    await cut.release();
    expect(await recordIn(options.bucket)).toMatchObject({ pid: 8 });
    await proxy.close();
  },
);

testWithNats(
  'a record that was lost is written again, and a restart of the server changes nothing',
  async () => {
    const nats = await startOwnNats();
    const options = short();
    const lease = await takeLease(await connect(nats.url), options);
    const kv = await new Kvm(await connect(nats.url)).open(options.bucket ?? '');
    await kv.purge('holder');
    await eventually(async () => (await kv.get('holder'))?.operation).toBe('PUT');
    await nats.kill();
    await nats.restart();
    const isAnswered = (): Promise<boolean> =>
      kv.get('holder').then(
        () => true,
        () => false,
      );
    await eventually(isAnswered).toBe(true);
    await expect(
      takeLease(await connect(nats.url), { ...options, silentMsMax: 5000 }),
    ).rejects.toThrow('another Oshi');
    await lease.release();
    expect((await kv.get('holder'))?.operation).toBe('DEL');
    for (const nc of opened.splice(0)) await nc.close();
    await nats.stop();
  },
);
