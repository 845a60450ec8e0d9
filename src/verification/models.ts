import { CodecError, decode, hashOf } from '../events/codec.ts';
import type { Recorded } from '../events/log.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import { type Pointers, pointedReader, pointersIn } from '../projections/pointers.ts';
import { collectionOf, type Projection } from '../projections/projection.ts';
import type { DocumentReader } from '../store/document-reader.ts';
import { collectionIn, originOf } from '../store/origins.ts';
import type { ReadStore } from '../store/store.ts';
import { inBatches } from './batches.ts';
import { differingPairs } from './comparison.ts';
import { type History, stillDiffering } from './differing.ts';
import { differencesIn } from './documents.ts';
import type { Findings } from './findings.ts';
import { type Positions, positionsOf, Shadow } from './shadow.ts';

/** The read models to compare with the log. */
export type ModelsToVerify = {
  readonly live: DocumentReader;
  /** An empty store, in which they are rebuilt. */
  readonly store: ReadStore;
  readonly projections: readonly Projection[];
};

/** More than any collection holds. */
const countMax = 2_000_000_000;

/** The comparison of read models with the log: they are rebuilt during a walk, then compared. */
export class ModelCheck {
  /** Collections to compare, by their logical names, and those that no server has started to build. */
  readonly collections: readonly string[];
  readonly notBuilt: readonly string[];
  /** Those that were not compared completely, since they were rebuilt and dropped meanwhile. */
  readonly rebuilt: string[] = [];
  documents = 0;
  readonly shadow: Shadow;
  readonly #models: ModelsToVerify;
  readonly #base: Positions;
  readonly #pointers: Pointers;

  private constructor(models: ModelsToVerify, prepared: Prepared) {
    this.#models = models;
    this.#base = prepared.base;
    this.#pointers = prepared.pointers;
    this.shadow = prepared.shadow;
    this.collections = [...prepared.base.keys()];
    this.notBuilt = prepared.notBuilt;
  }

  /** Reads the checkpoints of the models, and reports those that are past the end of the log. */
  static async open(log: RawLog, models: ModelsToVerify, findings: Findings): Promise<ModelCheck> {
    const { store, projections } = models;
    const pointers = await pointersIn(models.live);
    const live = pointedReader(models.live, pointers);
    const { incarnation, partitions } = log.info;
    const names = projections.map(collectionOf);
    const positions = await positionsOf(live, names, partitions);
    const base = new Map<string, readonly number[]>();
    const notBuilt: string[] = [];
    for (const [name, places] of positions) {
      const origin = await originOf(live, name);
      if (origin === undefined && places.every((place) => place === 0)) notBuilt.push(name);
      else if (origin !== undefined && origin !== incarnation) {
        const message = `${name} was built from another log, ${origin}`;
        findings.add({ code: 'another-log', message, collection: name });
      } else base.set(name, await withinLog(log, { name, places, findings }));
    }
    const shadow = await Shadow.open(store, projections, base);
    return new ModelCheck({ ...models, live }, { base, notBuilt, shadow, pointers });
  }

  /** The number of rebuilt documents, roughly that of documents to compare. */
  async total(): Promise<number> {
    const counts = this.collections.map((name) => this.#models.store.count(name, {}, countMax));
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  }

  /** Compares every document, once the walk has passed the checkpoints of the models. */
  async compare(
    log: RawLog,
    findings: Findings,
    counted: (documents: number) => void,
  ): Promise<void> {
    const { live, projections } = this.#models;
    const options = { log: historyOf(log), live, projections, base: this.#base };
    for (const collection of this.collections) {
      const before = this.documents;
      const sides = { live, rebuilt: this.shadow.reader, collection };
      const differing = differingPairs(sides, (count) => {
        this.documents = before + count;
        counted(this.documents);
      });
      for await (const pairs of inBatches(differing)) {
        const different = await stillDiffering(options, pairs);
        // Read afterwards: what is dropped was replaced before.
        if (await this.#isReplaced(collection)) break;
        for (const pair of different) {
          for (const finding of differencesIn(pair)) findings.add(finding);
        }
      }
    }
  }

  /** Whether the pointer has moved on from the collection that was read. */
  async #isReplaced(collection: string): Promise<boolean> {
    const rows = await this.#pointers.look();
    const row = rows.find(({ _id }) => _id === collection);
    if (!row || collectionIn(row) === this.#pointers.of(collection)) return false;
    this.rebuilt.push(collection);
    return true;
  }
}

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

type Prepared = {
  readonly base: Positions;
  readonly pointers: Pointers;
  readonly notBuilt: readonly string[];
  readonly shadow: Shadow;
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
