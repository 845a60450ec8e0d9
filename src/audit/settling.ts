import { CodecError, decode, hashOf } from '../events/codec.ts';
import type { Recorded } from '../events/log.ts';
import type { RawCommit, RawLog } from '../events/raw-log.ts';
import type { DocumentReader } from '../projections/document-reader.ts';
import { appliedOf, type Folded, foldWrites, targetOf } from '../projections/fold.ts';
import type { Projection } from '../projections/projection.ts';
import { translator } from '../projections/runner/translation.ts';
import { type PlacedWrite, placeOf } from '../projections/store.ts';
import { isSame, type Pair } from './documents.ts';
import { type Positions, positionsOf } from './shadow.ts';

export type SettlingOptions = {
  readonly log: RawLog;
  readonly live: DocumentReader;
  readonly projections: readonly Projection[];
  /** Up to where the other side was built. */
  readonly base: Positions;
};

/** A document that is kept, and what it was rebuilt to, on the way to the place up to which it has come. */
type Goal = {
  readonly collection: string;
  readonly id: string;
  readonly live: Pair['live'];
  /** The last place of each partition that counts. */
  readonly targets: ReadonlyMap<number, number>;
  folded: Folded;
};

/** One that is deleted just now is looked at again; nobody deletes and creates one all the time. */
const attemptsMax = 8;
const lastOfCommit = 511;

const keyOf = (collection: string, id: string): string => `${collection}\n${id}`;

/**
 * Tells documents that differ from those that have only moved on, since the server goes on writing while they are
 * compared: each carries how far it has come, so the rebuilt one is brought to exactly there. Gives those that
 * still differ.
 */
export const settled = async (
  options: SettlingOptions,
  candidates: readonly Pair[],
): Promise<readonly Pair[]> => {
  const differing: Pair[] = [];
  let open = candidates;
  for (let attempt = 0; open.length > 0 && attempt < attemptsMax; attempt++) {
    const goals = await goalsOf(options, open);
    await bringForward(options, goals);
    const different = [...goals.values()].map(pairOf).filter((pair) => !isSame(pair));
    differing.push(...different.filter(({ live }) => live));
    open = different.filter(({ live }) => !live);
  }
  return [...differing, ...open];
};

const pairOf = ({ collection, id, live, folded }: Goal): Pair => ({
  ...{ collection, id, live },
  rebuilt: folded.document,
});

const goalsOf = async (
  { log, live, base }: SettlingOptions,
  pairs: readonly Pair[],
): Promise<Map<string, Goal>> => {
  const { partitions } = log.info;
  // Before the documents: what is not there had been deleted by then, or was never there.
  const positions = await positionsOf(live, [...base.keys()], partitions);
  const goals = new Map<string, Goal>();
  for (const { collection, id, rebuilt } of pairs) {
    const document = await live.get(collection, id);
    const places = positions.get(collection) ?? [];
    const targets: ReadonlyMap<number, number> = document
      ? new Map(Object.entries(appliedOf(document)).map(([at, place]) => [Number(at), place]))
      : new Map(places.map((seq, partition) => [partition, placeOf(seq, lastOfCommit)]));
    const folded = { document: rebuilt, applied: appliedOf(rebuilt) };
    goals.set(keyOf(collection, id), { collection, id, live: document, targets, folded });
  }
  return goals;
};

/** Applies to each what the log holds between where it was rebuilt to and where the kept one has come. */
const bringForward = async (
  options: SettlingOptions,
  goals: ReadonlyMap<string, Goal>,
): Promise<void> => {
  const { log, base, projections } = options;
  const translate = translator(projections);
  const active = new Set(base.keys());
  for (let partition = 0; partition < log.info.partitions; partition++) {
    const places = [...base.values()].map((all) => all[partition] ?? 0);
    const targets = [...goals.values()].map((goal) => goal.targets.get(partition) ?? 0);
    const after = Math.min(...places);
    const furthest = Math.floor(Math.max(0, ...targets) / placeOf(1, 0));
    const upTo = Math.min(furthest, await log.head(partition));
    for await (const batch of log.scan(partition, { after, upTo })) {
      const records = batch.flatMap((raw) => readable(raw) ?? []);
      const course = { from: after, until: Number.POSITIVE_INFINITY, active };
      for (let at = 0; at < records.length; ) {
        const { writes, next } = translate(records, at, course);
        at = next;
        applyTo(goals, { writes, partition, base });
      }
    }
  }
};

type Portion = {
  readonly writes: readonly PlacedWrite[];
  readonly partition: number;
  readonly base: Positions;
};

const applyTo = (goals: ReadonlyMap<string, Goal>, { writes, partition, base }: Portion): void => {
  for (const placed of writes) {
    const { collection, write, place } = placed;
    const goal = goals.get(keyOf(collection, targetOf(write)));
    const built = placeOf(base.get(collection)?.[partition] ?? 0, lastOfCommit);
    if (!goal || place <= built || place > (goal.targets.get(partition) ?? 0)) continue;
    goal.folded = foldAll(goal.folded, placed, partition);
  }
};

/** Several writes of one event have one place: `foldWrites` would take the first alone, one by one. */
const foldAll = (before: Folded, placed: PlacedWrite, partition: number): Folded => {
  const earlier = { ...before, applied: { ...before.applied, [partition]: placed.place - 1 } };
  return foldWrites(earlier, [placed], partition) ?? before;
};

const readable = ({ aggregate, seq, bytes }: RawCommit): Recorded | undefined => {
  try {
    return { aggregate, commit: decode(bytes), seq, hash: hashOf(bytes), size: bytes.length };
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
};
