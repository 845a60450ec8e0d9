import type { RawLog } from '../events/raw-log.ts';
import { originOf } from '../projections/binding.ts';
import type { DocumentReader } from '../projections/document-reader.ts';
import { collectionOf, type Projection } from '../projections/projection.ts';
import type { ReadStore } from '../projections/store.ts';
import { differingPairs } from './comparison.ts';
import { differencesIn, type Pair } from './documents.ts';
import type { Findings } from './findings.ts';
import { settled } from './settling.ts';
import { type Positions, positionsOf, Shadow } from './shadow.ts';

/** Read models that are to be compared with what the log makes of them. */
export type ModelsToVerify = {
  readonly live: DocumentReader;
  /** An empty store, in which they are rebuilt. */
  readonly store: ReadStore;
  readonly projections: readonly Projection[];
};

/** Documents that differ are told apart from those that move in portions of this size. */
const candidatesMax = 5000;

/** The comparison of read models with the log: first they are rebuilt along with a walk, then compared. */
export class ModelCheck {
  /** Collections that were compared, and those that no server has begun to build. */
  readonly collections: readonly string[];
  readonly notBuilt: readonly string[];
  documents = 0;
  readonly shadow: Shadow;
  readonly #models: ModelsToVerify;
  readonly #base: Positions;

  private constructor(models: ModelsToVerify, prepared: Prepared) {
    this.#models = models;
    this.#base = prepared.base;
    this.shadow = prepared.shadow;
    this.collections = [...prepared.base.keys()];
    this.notBuilt = prepared.notBuilt;
  }

  /** Takes note of how far the models have come, and names those that have come further than the log. */
  static async open(log: RawLog, models: ModelsToVerify, findings: Findings): Promise<ModelCheck> {
    const { live, store, projections } = models;
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
    return new ModelCheck(models, { base, notBuilt, shadow });
  }

  /** Compares every document, once the walk has passed where the models have come to. */
  async compare(
    log: RawLog,
    findings: Findings,
    counted: (documents: number) => void,
  ): Promise<void> {
    const { live, projections } = this.#models;
    const options = { log, live, projections, base: this.#base };
    let candidates: Pair[] = [];
    const settle = async (): Promise<void> => {
      for (const pair of await settled(options, candidates)) {
        for (const finding of differencesIn(pair)) findings.add(finding);
      }
      candidates = [];
    };
    for (const collection of this.collections) {
      const before = this.documents;
      const sides = { live, rebuilt: this.shadow.reader, collection };
      const differing = differingPairs(sides, (count) => {
        this.documents = before + count;
        counted(this.documents);
      });
      for await (const pair of differing) {
        candidates.push(pair);
        if (candidates.length >= candidatesMax) await settle();
      }
    }
    await settle();
  }
}

type Prepared = {
  readonly base: Positions;
  readonly notBuilt: readonly string[];
  readonly shadow: Shadow;
};

type Place = {
  readonly name: string;
  readonly places: readonly number[];
  readonly findings: Findings;
};

/** The places, none of them behind the end of the log. */
const withinLog = async (log: RawLog, { name, places, findings }: Place): Promise<number[]> => {
  const within: number[] = [];
  for (const [partition, place] of places.entries()) {
    const head = await log.head(partition);
    within.push(Math.min(place, head));
    if (place <= head) continue;
    const message = `${name} has come to place ${partition}:${place}, but the log ends at ${partition}:${head}`;
    findings.add({ code: 'ahead', message, collection: name, position: `${partition}:${place}` });
  }
  return within;
};
