import { createServer, type Server } from 'node:net';
import { BSON } from 'mongodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mongoStore } from '../../src/engine/cluster/mongo-store/mongo-store.ts';
import { StoreUnavailable } from '../../src/store/store.ts';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { everything, follow } from '../contract/read-store/following.ts';
import { bare, foldOf, longHistory } from '../contract/read-store/history.ts';
import { describeWithMongodb, mongodbUrl, startOwnMongod } from '../support/fixtures/servers.ts';

const seed = 20_261_124;

describeWithMongodb('a MongoDB that goes away', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startOwnMongod();
  });
  afterAll(async () => {
    await server.stop();
  });

  test(`is killed and started again in the middle: each event counts once (seed ${seed})`, async () => {
    const store = await mongoStore({ url: server.url, selectionMs: 500 });
    const history = longHistory(seed, 1_500);
    let batches = 0;
    let restarted = Promise.resolve();
    const onBatch = (): void => {
      batches += 1;
      if (batches % 40 !== 20) return;
      restarted = restarted.then(() => server.kill()).then(() => server.restart());
    };
    const course = { collection: 'c', projections: ['c'], cut: [9, 1, 4, 30], onBatch };
    let losses = 0;
    for (let done = false; !done; ) {
      try {
        await follow(store, history, course);
        done = true;
      } catch (error) {
        expect(error).toBeInstanceOf(StoreUnavailable);
        losses += 1;
      }
    }
    await restarted;
    expect(losses).toBeGreaterThan(0);
    expect(bare(await everything(store, 'c'))).toEqual(foldOf(history));
    await store.close();
  });

  test('is silent: every call ends, also for its free space, and works again when it answers', async () => {
    const store = await mongoStore({ url: server.url, selectionMs: 500 });
    await store.put('silent', { _id: 'x' });
    expect(await store.volume.freeBytes()).toBeGreaterThan(0);
    process.kill(server.pid, 'SIGSTOP');
    const calls = [
      store.get('silent', 'x'),
      store.update('silent', 'x', { $inc: { n: 1 } }),
      store.apply({ projections: ['silent'], partition: 0, from: 0, to: 1, writes: [] }),
    ];
    const answers = await Promise.allSettled(calls);
    await expect(store.volume.freeBytes()).rejects.toThrow();
    process.kill(server.pid, 'SIGCONT');
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    await expect
      .poll(() => store.get('silent', 'x').catch(() => undefined))
      .toMatchObject({ _id: 'x' });
    await store.close();
  });
});

describeWithMongodb('a MongoDB that will not do', () => {
  test('a URL that is none', async () => {
    await expect(mongoStore({ url: 'localhost:27017' })).rejects.toThrow(
      /^OSHI_MONGODB_URL is not a MongoDB URL \(.*\); it looks like mongodb:\/\/host:27017\/oshi$/,
    );
  });

  test('a server that cannot be reached; the password is not shown', async () => {
    const url = 'mongodb://user:secret@127.0.0.1:1/chat?authSource=admin';
    await expect(mongoStore({ url, selectionMs: 500 })).rejects.toThrow(
      /^MongoDB at mongodb:\/\/127\.0\.0\.1:1\/chat cannot be reached \(.*ECONNREFUSED.*\): start it or correct OSHI_MONGODB_URL$/,
    );
  });

  test('a user that is not known', async () => {
    const url = mongodbUrl().replace('//', '//nobody:secret@');
    await expect(mongoStore({ url })).rejects.toThrow(
      /^MongoDB at mongodb:\/\/127\.0\.0\.1:\d+ refuses the login \(.*\): check the user, the password and authSource in OSHI_MONGODB_URL$/,
    );
  });

  test.each([
    ['4.4', 9],
    ['3.6', 6],
  ])('a server of version %s', async (_version, maxWireVersion) => {
    const old = await startOld(maxWireVersion);
    await expect(mongoStore({ url: old.url, selectionMs: 500 })).rejects.toThrow(
      /^.*is too old.*: Oshi needs MongoDB 5\.0 or later$/,
    );
    old.server.close();
  });
});

/** A server that says no more than how old it is (OP_MSG and OP_REPLY of the wire protocol). */
const startOld = async (maxWireVersion: number): Promise<{ url: string; server: Server }> => {
  const hello = { helloOk: true, isWritablePrimary: true, ismaster: true, minWireVersion: 0 };
  const limits = {
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
  };
  const document = BSON.serialize({ ...hello, ...limits, maxWireVersion, readOnly: false, ok: 1 });
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (request) => {
      const isMessage = request.readInt32LE(12) === 2013;
      const body = isMessage
        ? Buffer.concat([Buffer.alloc(5), document])
        : Buffer.concat([
            Buffer.from([8, 0, 0, 0]),
            Buffer.alloc(12),
            Buffer.from([1, 0, 0, 0]),
            document,
          ]);
      const header = Buffer.alloc(16);
      header.writeInt32LE(16 + body.length, 0);
      header.writeInt32LE(1, 4);
      header.writeInt32LE(request.readInt32LE(4), 8);
      header.writeInt32LE(isMessage ? 2013 : 1, 12);
      socket.write(Buffer.concat([header, body]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `mongodb://127.0.0.1:${address.port}`, server };
};
