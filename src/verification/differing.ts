import { eventKey, seqOfEvent } from '../events/event-key.ts';
import type { LogInfo, Recorded } from '../events/log.ts';
import type { Projection } from '../projections/projection.ts';
import type { Plan } from '../projections/runner/plan.ts';
import { fillingsOf, type Translate, translator } from '../projections/runner/translation.ts';
import type { DocumentReader } from '../store/document-reader.ts';
import { appliedOf, type Folded, foldWrites, targetOf } from '../store/fold.ts';
import type { PlacedWrite } from '../store/store.ts';
import { differingPairs, type Sides } from './comparison.ts';
import { isSame, type Pair } from './documents.ts';
import { type Positions, positionsOf } from './shadow.ts';

/** The part of a log that is read here. */
export type History = {
  readonly info: LogInfo;
  head(partition: number): Promise<number>;
  /** The readable commits after `after`, in order; possibly some more. */
  scan(
    partition: number,
    range: { readonly after: number; readonly upTo: number },
  ): AsyncIterable<readonly Recorded[]>;
};

export type DifferingOptions = {
  readonly log: History;
  readonly live: DocumentReader;
  readonly projections: readonly Projection[];
  /** Up to where the other side was built. */
  readonly base: Positions;
};

/** Documents per batch, so that each read of the log serves many. */
const batchMax = 5000;

/**
 * The documents of a collection that differ, in batches, without those that have only moved on; `counted` is called
 * with the number of documents that were compared.
 */
export async function* differingIn(
  options: DifferingOptions,
  sides: Sides,
  counted: (documents: number) => void,
): AsyncGenerator<readonly Pair[]> {
  let batch: Pair[] = [];
  for await (const pair of differingPairs(sides, counted)) {
    batch.push(pair);
    if (batch.length < batchMax) continue;
    yield await stillDiffering(options, batch);
    batch = [];
  }
  if (batch.length > 0) yield await stillDiffering(options, batch);
}

/** A document on the way to the position where it is compared. */
type Side = {
  /** By partition, the key of the last event that it contains. */
  readonly reached: readonly number[];
  folded: Folded;
};

/** A stored document, and its rebuilt counterpart. */
type Goal = {
  readonly pair: Pair;
  /** Whether it existed when it was last read. */
  readonly isThere: boolean;
  readonly live: Side;
  readonly rebuilt: Side;
  /** The key of the last event that counts, by partition. */
  readonly targets: readonly number[];
};

/** One that was deleted just now is read again; nobody deletes and creates one all the time. */
const attemptsMax = 8;
const lastOfCommit = 511;

const keyOf = (collection: string, id: string): string => `${collection}\n${id}`;

/**
 * Tells documents that differ from those that have only moved on, since the server goes on writing during the
 * comparison: each has its applied positions, so the one that is behind is brought to exactly where the other is.
 * Returns those that still differ.
 */
const stillDiffering = async (
  options: DifferingOptions,
  candidates: readonly Pair[],
): Promise<readonly Pair[]> => {
  const differing: Pair[] = [];
  let open = candidates;
  for (let attempt = 0; open.length > 0 && attempt < attemptsMax; attempt++) {
    const goals = await goalsOf(options, open);
    await bringForward(options, goals);
    const different = [...goals.values()].filter((goal) => !isSame(pairOf(goal)));
    differing.push(...different.filter(({ isThere }) => isThere).map(pairOf));
    open = different.filter(({ isThere }) => !isThere).map(({ pair }) => pair);
  }
  return [...differing, ...open.map((pair) => ({ ...pair, live: undefined }))];
};

const pairOf = ({ pair, live, rebuilt }: Goal): Pair => ({
  ...pair,
  live: live.folded.document,
  rebuilt: rebuilt.folded.document,
});

/** The key of the last possible event of a commit. */
const throughout = (seq = 0): number => eventKey(seq, lastOfCommit);

const goalsOf = async (
  { log, live, base }: DifferingOptions,
  pairs: readonly Pair[],
): Promise<Map<string, Goal>> => {
  const { partitions } = log.info;
  // Read before the documents: what is missing then had been deleted by then, or never existed.
  const positions = await positionsOf(live, [...base.keys()], partitions);
  const goals = new Map<string, Goal>();
  for (const pair of pairs) {
    const { collection, id, rebuilt } = pair;
    const document = await live.get(collection, id);
    const sides = {
      live: sideOf(document, positions.get(collection)),
      rebuilt: sideOf(rebuilt, base.get(collection)),
    };
    const targets = Array.from({ length: partitions }, (_, partition) =>
      Math.max(endOf(sides.live, partition), endOf(sides.rebuilt, partition)),
    );
    const isThere = document !== undefined;
    goals.set(keyOf(collection, id), { pair, isThere, ...sides, targets });
  }
  return goals;
};

/** A document of a collection that is filled up to these positions; it may be further itself. */
const sideOf = (document: Pair['live'], positions: readonly number[] = []): Side => {
  const applied = appliedOf(document);
  const reached = positions.map((seq, partition) =>
    Math.max(throughout(seq), applied[partition] ?? 0),
  );
  return { reached, folded: { document, applied } };
};

/** The applied position of a document; a missing one is as old as its collection. */
const endOf = ({ reached, folded: { document, applied } }: Side, partition: number): number =>
  (document ? applied[partition] : reached[partition]) ?? 0;

/** Applies to both sides the events between their positions and the target. */
const bringForward = async (
  options: DifferingOptions,
  goals: ReadonlyMap<string, Goal>,
): Promise<void> => {
  const { log, base, projections } = options;
  const translate = translator(fillingsOf(projections));
  const active = new Set(base.keys());
  for (let partition = 0; partition < log.info.partitions; partition++) {
    const range = rangeOf(goals, partition);
    const upTo = Math.min(range.upTo, await log.head(partition));
    const { after } = range;
    if (upTo <= after) continue;
    const plan = { partition, from: after, until: Number.POSITIVE_INFINITY, active };
    for await (const records of log.scan(partition, { after, upTo })) {
      for (const placed of writesOf(records, translate, plan)) applyTo(goals, placed, partition);
      if ((records.at(-1)?.seq ?? 0) >= upTo) break;
    }
  }
};

function* writesOf(
  records: readonly Recorded[],
  translate: Translate,
  plan: Plan,
): Generator<PlacedWrite> {
  for (let at = 0; at < records.length; ) {
    const { writes, next } = translate(records, at, plan);
    at = next;
    yield* writes;
  }
}

/** From the one that is furthest behind to the furthest target of those that are behind. */
const rangeOf = (
  goals: ReadonlyMap<string, Goal>,
  partition: number,
): { readonly after: number; readonly upTo: number } => {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const { live, rebuilt, targets } of goals.values()) {
    const target = targets[partition] ?? 0;
    const reached = Math.min(live.reached[partition] ?? 0, rebuilt.reached[partition] ?? 0);
    if (reached >= target) continue;
    first = Math.min(first, reached);
    last = Math.max(last, target);
  }
  return { after: seqOfEvent(first), upTo: seqOfEvent(last) };
};

const applyTo = (
  goals: ReadonlyMap<string, Goal>,
  placed: PlacedWrite,
  partition: number,
): void => {
  const { collection, write, place } = placed;
  const goal = goals.get(keyOf(collection, targetOf(write)));
  if (!goal || place > (goal.targets[partition] ?? 0)) return;
  for (const side of [goal.live, goal.rebuilt]) {
    if (place > (side.reached[partition] ?? 0))
      side.folded = foldAll(side.folded, placed, partition);
  }
};
/** Several writes of one event have one key: `foldWrites` would apply only the first, one by one. */
const foldAll = (before: Folded, placed: PlacedWrite, partition: number): Folded => {
  const earlier = { ...before, applied: { ...before.applied, [partition]: placed.place - 1 } };
  return foldWrites(earlier, [placed], partition) ?? before;
};
