import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/transport-node';
import { open } from 'lmdb';
import { eventFamily, namesOf } from '../../src/engine/cluster/jetstream-log/family.ts';
import { openJetstreamLog } from '../../src/engine/cluster/jetstream-log/jetstream-log.ts';
import { openJetstreamRawLog } from '../../src/engine/cluster/jetstream-log/raw-log.ts';
import { mongoStore } from '../../src/engine/cluster/mongo-store/mongo-store.ts';
import { connectNats } from '../../src/engine/cluster/nats-connection.ts';
import { openCommitStore } from '../../src/engine/embedded/lmdb-log/commit-store.ts';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { openLmdbRawLog } from '../../src/engine/embedded/lmdb-log/raw-log.ts';
import { embeddedStore } from '../../src/engine/embedded/lmdb-store/lmdb-store.ts';
import { embeddedReader } from '../../src/engine/embedded/lmdb-store/reader.ts';
import type { Aggregate } from '../../src/events/aggregate.ts';
import { hashOf } from '../../src/events/codec.ts';
import type { EventLog } from '../../src/events/log.ts';
import type { RawCommit, RawLog } from '../../src/events/raw-log.ts';
import { bindToLog } from '../../src/projections/binding.ts';
import { builtIn } from '../../src/projections/read-models.ts';
import { startRunner } from '../../src/projections/runner/runner.ts';
import { type DocumentReader, readerOf } from '../../src/store/document-reader.ts';
import type { ReadStore } from '../../src/store/store.ts';
import type { Checkpoint } from '../../src/verification/checkpoint.ts';
import { currentCheckpoint } from '../../src/verification/current-checkpoint.ts';
import { Findings } from '../../src/verification/findings.ts';
import { ensureSigningKey, type SigningKey } from '../../src/verification/signing-key.ts';
import { type Verified, verify } from '../../src/verification/verification.ts';
import { history } from '../../tools/seed/history.ts';
import { write } from '../../tools/seed/writing.ts';
import { temporaryFolder } from './log-child.ts';
import { memoryVault } from './memory-vault.ts';
import type { EngineName } from './server-stage.ts';
import { mongodbUrl, natsUrl } from './servers.ts';

/** One engine's log and read models, without a server. */
type Place = {
  openLog(): Promise<{ log: EventLog; close(): Promise<void> }>;
  openRaw(): Promise<{ raw: RawLog; close(): Promise<void> }>;
  openStore(name?: string): Promise<ReadStore>;
  openReader(): Promise<DocumentReader>;
  /** Puts other commits in the place of all that a partition holds. */
  replace(partition: number, commits: readonly RawCommit[]): Promise<void>;
  /** Removes the commit at a place as somebody would who knows the engine and not Oshi. */
  remove(partition: number, commit: RawCommit): Promise<void>;
  close(): Promise<void>;
};

const embedded = async (): Promise<Place> => {
  const folder = await temporaryFolder();
  const { path } = folder;
  const file = join(path, 'log.mdb');
  return {
    openLog: async () => {
      const log = await openLmdbLog({ path });
      return { log, close: () => log.close() };
    },
    openRaw: async () => {
      const raw = await openLmdbRawLog(path);
      return { raw, close: () => raw.close() };
    },
    openStore: (name = 'read-models') => embeddedStore({ path: join(path, name) }),
    openReader: async () => {
      const reader = await embeddedReader(join(path, 'read-models'));
      if (!reader) throw new Error('there are no read models');
      return reader;
    },
    async replace(partition, commits) {
      const root = open(file, { noSubdir: true, maxDbs: 10, overlappingSync: false });
      await root.openDB(`commits-${partition}`, { encoding: 'binary' }).clearAsync();
      await root.openDB('index', { encoding: 'ordered-binary' }).clearAsync();
      await root.close();
      const store = await openCommitStore({ file });
      const numbered = commits.map((raw) => ({ ...raw, partition, n: firstOf(raw) }));
      await store?.write(numbered);
      await store?.close();
    },
    async remove(partition, { seq }) {
      const root = open(file, { noSubdir: true, maxDbs: 10, overlappingSync: false });
      await root.openDB(`commits-${partition}`, { encoding: 'binary' }).remove(seq);
      await root.close();
    },
    close: () => folder.remove(),
  };
};

/** The number that a commit says that it begins with, even if it says nothing else that can be read. */
const firstOf = ({ bytes }: RawCommit): number =>
  Number(/"n":(\d+)/.exec(Buffer.from(bytes).toString('latin1'))?.[1] ?? 1);

const api = async (nc: NatsConnection, path: string, body: object = {}): Promise<object> => {
  const answer = await nc.request(`$JS.API.${path}`, JSON.stringify(body), { timeout: 10_000 });
  const { error, ...rest } = answer.json<{ error?: { description: string } }>();
  if (error) throw new Error(`${path}: ${error.description}`);
  return rest;
};

const cluster = async (): Promise<Place> => {
  const prefix = `a${randomUUID().slice(0, 8)}`;
  const database = `audit-${randomUUID().slice(0, 8)}`;
  const partitions = 2;
  const { nc } = await connectNats(natsUrl());
  const names = namesOf(eventFamily, partitions, prefix);
  const streamOf = (partition: number): string => names.partitions[partition]?.stream ?? '';
  return {
    openLog: async () => {
      const log = await openJetstreamLog({ nc, family: eventFamily, prefix, partitions });
      return { log, close: () => log.close() };
    },
    openRaw: async () => {
      const raw = await openJetstreamRawLog(nc, { prefix });
      return { raw, close: () => raw.close() };
    },
    openStore: (name = 'live') =>
      mongoStore({ url: mongodbUrl(), database: `${database}-${name}` }),
    openReader: async () =>
      readerOf(await mongoStore({ url: mongodbUrl(), database: `${database}-live` })),
    async replace(partition, commits) {
      const stream = streamOf(partition);
      const { config } = (await api(nc, `STREAM.INFO.${stream}`)) as { config: object };
      await api(nc, `STREAM.DELETE.${stream}`);
      await api(nc, `STREAM.CREATE.${stream}`, config);
      for (const { aggregate, bytes } of commits) {
        await nc.request(names.subjectOf(aggregate), bytes, { timeout: 10_000 });
      }
    },
    async remove(partition, { seq }) {
      await api(nc, `STREAM.MSG.DELETE.${streamOf(partition)}`, { seq });
    },
    async close() {
      for (let partition = 0; partition < partitions; partition++) {
        await api(nc, `STREAM.DELETE.${streamOf(partition)}`);
      }
      await nc.close();
    },
  };
};

/** What a test of the audit does with a log and its read models. */
export type AuditStage = Pick<Place, 'openLog' | 'openStore' | 'remove' | 'close'> & {
  readonly engine: EngineName;
  /** All commits of a partition as they are kept. */
  commits(partition: number): Promise<RawCommit[]>;
  /** The partition in which most happened. */
  busiest(): Promise<number>;
  /** Changes what a partition holds, as somebody who may write everything could. */
  rewrite(
    partition: number,
    change: (commits: readonly RawCommit[]) => readonly RawCommit[],
  ): Promise<void>;
  /** Changes the read models. */
  tamper(change: (store: ReadStore) => Promise<void>): Promise<void>;
  verify(checkpoints?: readonly Checkpoint[]): Promise<Verified & { readonly findings: Findings }>;
  /** A checkpoint of the log as it is. */
  checkpoint(): Promise<Checkpoint>;
  readonly key: SigningKey;
};

const follow = async (log: EventLog, store: ReadStore): Promise<void> => {
  const { incarnation } = log.info;
  await bindToLog(store, { incarnation, projections: builtIn, say: () => {} });
  const runner = await startRunner({ log, store, projections: builtIn });
  await runner.caughtUp();
  await runner.stop();
};

/** A log of a made-up history of so many events, and its read models as a server leaves them. */
export const openAuditStage = async (engine: EngineName, events = 600): Promise<AuditStage> => {
  const place = await (engine === 'embedded' ? embedded() : cluster());
  const { log, close } = await place.openLog();
  await write(log, history({ events, seed: 8 }), () => {});
  const live = await place.openStore();
  await follow(log, live);
  await live.close();
  await close();
  const key = await ensureSigningKey(memoryVault());
  const withRaw = async <T>(use: (raw: RawLog) => Promise<T>): Promise<T> => {
    const opened = await place.openRaw();
    try {
      return await use(opened.raw);
    } finally {
      await opened.close();
    }
  };
  const commits = (partition: number): Promise<RawCommit[]> =>
    withRaw(async (raw) => {
      const all: RawCommit[] = [];
      const stretch = { after: 0, upTo: await raw.head(partition) };
      for await (const batch of raw.scan(partition, stretch)) {
        all.push(...batch.map((each) => ({ ...each, bytes: Buffer.from(each.bytes) })));
      }
      return all;
    });
  let runs = 0;
  return {
    ...place,
    engine,
    key,
    commits,
    busiest: () =>
      withRaw(async (raw) => {
        const heads = await Promise.all(
          Array.from({ length: raw.info.partitions }, (_, partition) => raw.head(partition)),
        );
        return heads.indexOf(Math.max(...heads));
      }),
    rewrite: async (partition, change) =>
      place.replace(
        partition,
        change(await commits(partition)).map((raw, index) => ({ ...raw, seq: index + 1 })),
      ),
    async tamper(change) {
      const store = await place.openStore();
      await change(store);
      await store.close();
    },
    verify: (checkpoints = []) =>
      withRaw(async (raw) => {
        const findings = new Findings();
        const [reader, store] = [await place.openReader(), await place.openStore(`v${++runs}`)];
        try {
          const models = { live: reader, store, projections: builtIn };
          const shared = { log: raw, findings, checkpoints, onProgress: () => {} };
          return { ...(await verify({ ...shared, models })), findings };
        } finally {
          await store.close();
          await reader.close();
        }
      }),
    checkpoint: () =>
      withRaw((raw) => currentCheckpoint(raw, { key, now: () => 1, onProgress: () => {} })),
  };
};

/** Commits with something changed in each, and the chains made whole again. */
export const rechained = (
  commits: readonly RawCommit[],
  change: (text: string, raw: RawCommit) => string,
): RawCommit[] => {
  const hashes = new Map<Aggregate, string>();
  return commits.map((raw) => {
    const envelope = JSON.parse(change(Buffer.from(raw.bytes).toString(), raw));
    const prev = hashes.get(raw.aggregate) ?? '';
    const bytes = Buffer.from(JSON.stringify({ ...envelope, prev }));
    hashes.set(raw.aggregate, hashOf(bytes));
    return { ...raw, bytes };
  });
};
