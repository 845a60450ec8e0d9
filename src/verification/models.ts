import { CodecError, decode, hashOf } from '../events/codec.ts';
import type { Recorded } from '../events/log.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import { pointedReader, pointersIn } from '../projections/pointers.ts';
import { collectionOf, type Projection } from '../projections/projection.ts';
import type { DocumentReader } from '../store/document-reader.ts';
import { collectionIn, originOf } from '../store/origins.ts';
import type { ReadStore } from '../store/store.ts';
import { differingIn, type History } from './differing.ts';
import { differencesIn } from './documents.ts';
import type { Findings } from './findings.ts';
import { openShadow, type Positions, positionsOf, type Shadow } from './shadow.ts';

/** The read models to compare with the log. */
export type ModelsToVerify = {
  readonly live: DocumentReader;
  /** An empty store, in which they are rebuilt. */
  readonly store: ReadStore;
  readonly projections: readonly Projection[];
};

/** More than any collection holds. */
const countMax = 2_000_000_000;

/** What a comparison of read models with the log has covered. Collections are named logically. */
export type Covered = {
  readonly collections: readonly string[];
  /** Those that no server has started to build. */
  readonly notBuilt: readonly string[];
  /** Those that were not compared completely, since they were rebuilt and dropped meanwhile. */
  readonly rebuilt: readonly string[];
  readonly documents: number;
};

/** The comparison of read models with the log: they are rebuilt during a walk, then compared. */
export type ModelCheck = {
  /** Applies the next records of a partition to the rebuilt ones. */
  readonly take: Shadow['take'];
  /** The number of rebuilt documents, roughly that of documents to compare. */
  total(): Promise<number>;
  /** Compares every document, once the walk has passed the checkpoints of the models. */
  compare(counted: (documents: number) => void): Promise<Covered>;
};

/** Reads the checkpoints of the models, and reports those that are past the end of the log. */
export const openModelCheck = async (
  log: RawLog,
  models: ModelsToVerify,
  findings: Findings,
): Promise<ModelCheck> => {
  const { store, projections } = models;
  const pointers = await pointersIn(models.live);
  const live = pointedReader(models.live, pointers);
  const { base, notBuilt } = await builtUpTo(log, { ...models, live }, findings);
  const { take, reader } = await openShadow(store, projections, base);
  const collections = [...base.keys()];
  /** Whether the pointer has moved on from the collection that was read. */
  const isReplaced = async (collection: string): Promise<boolean> => {
    const row = (await pointers.look()).find(({ _id }) => _id === collection);
    return row !== undefined && collectionIn(row) !== pointers.of(collection);
  };
  return {
    take,
    async total() {
      const counts = collections.map((name) => store.count(name, {}, countMax));
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    async compare(counted) {
      const options = { log: historyOf(log), live, projections, base };
      const rebuilt: string[] = [];
      let documents = 0;
      for (const collection of collections) {
        const before = documents;
        const differing = differingIn(options, { live, rebuilt: reader, collection }, (count) => {
          documents = before + count;
          counted(documents);
        });
        for await (const different of differing) {
          // Read afterwards: what is dropped was replaced before.
          if (await isReplaced(collection)) {
            rebuilt.push(collection);
            break;
          }
          for (const finding of different.flatMap((pair) => [...differencesIn(pair)]))
            findings.add(finding);
        }
      }
      return { collections, notBuilt, rebuilt, documents };
    },
  };
};

/** Up to where each model was built from this log, by its logical collection, and those that are not built yet. */
const builtUpTo = async (
  log: RawLog,
  { live, projections }: ModelsToVerify,
  findings: Findings,
): Promise<{ readonly base: Positions; readonly notBuilt: readonly string[] }> => {
  const { incarnation, partitions } = log.info;
  const base = new Map<string, readonly number[]>();
  const notBuilt: string[] = [];
  for (const [name, places] of await positionsOf(live, projections.map(collectionOf), partitions)) {
    const origin = await originOf(live, name);
    if (origin === undefined && places.every((place) => place === 0)) notBuilt.push(name);
    else if (origin !== undefined && origin !== incarnation) {
      const message = `${name} was built from another log, ${origin}`;
      findings.add({ code: 'another-log', message, collection: name });
    } else base.set(name, await withinLog(log, { name, places, findings }));
  }
  return { base, notBuilt };
};

const historyOf = (log: RawLog): History => ({
  info: log.info,
  head: (partition) => log.head(partition),
  async *scan(partition, range) {
    for await (const batch of log.scan(partition, range)) {
      yield batch.flatMap((raw) => readable(raw) ?? []);
    }
  },
});

const readable = ({ aggregate, seq, bytes }: RawCommit): Recorded | undefined => {
  try {
    return { aggregate, commit: decode(bytes), seq, hash: hashOf(bytes), size: bytes.length };
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
};

type Place = {
  readonly name: string;
  readonly places: readonly number[];
  readonly findings: Findings;
};

/** The positions, limited to the end of the log. */
const withinLog = async (log: RawLog, { name, places, findings }: Place): Promise<number[]> => {
  const within: number[] = [];
  for (const [partition, place] of places.entries()) {
    const head = await log.head(partition);
    within.push(Math.min(place, head));
    if (place <= head) continue;
    const message = `${name} is at position ${partition}:${place}, but the log ends at ${partition}:${head}`;
    findings.add({ code: 'ahead', message, collection: name, position: `${partition}:${place}` });
  }
  return within;
};
