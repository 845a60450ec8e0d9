import { monotonic } from '../../runtime/clock.ts';
import { clearInterval, setInterval, sleep } from '../../runtime/timers.ts';
import type { Update } from '../../store/documents.ts';
import { collectionIn, type Origin, origins } from '../../store/origins.ts';
import { type Filter, type ReadStore, StoreUnavailable } from '../../store/store.ts';

/** The time that a server may take to drop the previous collection, in ms. */
const dropMsMax = 60_000;

/** How often a rebuilding process reports that it is alive, and after what silence another one takes over, in ms. */
export type Pulse = { readonly beatMs: number; readonly silentMs: number };

/** A process may be silent for this long while a projection handles one event, or a store one batch. */
const pulseDefault: Pulse = { beatMs: 1_000, silentMs: 10_000 };

export type ClaimOptions = {
  readonly store: ReadStore;
  /** The logical name of the collection. */
  readonly logical: string;
  /** The log from which it is rebuilt. */
  readonly incarnation: string;
  /** A unique name for this attempt. */
  readonly by: string;
  /** Whether the attempt of this name is known to have ended, so that its silence need not be awaited. */
  readonly isOver?: (by: string) => boolean;
  /** Whether to discard what an earlier attempt has filled. */
  readonly anew?: boolean;
  readonly pulse?: Pulse;
};

/** The right to fill a new collection of a read model, and to move the pointer to it. */
export type Claim = {
  /** The collection that is read now, and the one that replaces it. */
  readonly live: string;
  readonly fresh: string;
  /** Aborts, with an error of one line, when the right is lost: another process has it, or the model was dropped. */
  readonly lost: AbortSignal;
  /** Moves the pointer. Rejects if the right is lost. */
  switchOver(): Promise<void>;
  /** Discards what was filled. */
  abandon(): Promise<void>;
  /** Lets another process continue immediately, with what was filled. */
  release(): Promise<void>;
};

/**
 * Claims the right to rebuild a read model; `switched` if an earlier attempt has moved the pointer, and the process
 * that follows the log has not finished the switch-over. Rejects with one line if the right cannot be had.
 */
export const claimRebuild = async (options: ClaimOptions): Promise<Claim | 'switched'> => {
  const { store, logical, pulse = pulseDefault } = options;
  const deadline = monotonic() + dropMsMax;
  await store.prepare([origins]);
  for (;;) {
    const row = (await store.get(origins.name, logical)) as Origin | undefined;
    const origin = checked(row, options);
    if (origin.old !== undefined) {
      if (origin.taken !== 'done') return 'switched';
      if (monotonic() > deadline) {
        throw new Error(`${origin.old} has not been dropped yet; start a server, which drops it`);
      }
      await sleep(pulse.beatMs);
      continue;
    }
    if (origin.rebuilder !== undefined) await watch(options, origin);
    const taken = await take(options, origin);
    // Undefined: another process was faster.
    if (taken) return claimOn(taken, options);
  }
};

const checked = (row: Origin | undefined, { logical, incarnation }: ClaimOptions): Origin => {
  if (!row) throw new Error(`${logical} has not been built yet; start a server, which builds it`);
  if (row.incarnation !== incarnation)
    throw new Error(`${logical} was built from another log; start a server, which rebuilds it`);
  if (!row.building) return row;
  throw new Error(
    `${logical} is being built by the server; wait until oshi projections shows it as live`,
  );
};

/** Rejects if the process that fills the new collection is alive. */
const watch = async (options: ClaimOptions, { beat, rebuilder = '' }: Origin): Promise<void> => {
  const { store, logical, pulse = pulseDefault } = options;
  if (options.isOver?.(rebuilder)) return;
  for (let silentMs = 0; silentMs < pulse.silentMs; silentMs += pulse.beatMs) {
    await sleep(Math.min(pulse.beatMs, pulse.silentMs));
    const row = (await store.get(origins.name, logical)) as Origin | undefined;
    if (row?.rebuilder === undefined) return;
    if (row.beat === beat && row.rebuilder === rebuilder) continue;
    throw new Error(
      `${logical} is being rebuilt by another process, ${row.rebuilder}; wait for it`,
    );
  }
};

/** Names are reused, so that a file of the embedded engine does not fill with the names of empty collections. */
const namesMax = 4;

const nextAfter = (logical: string, live: string): string => {
  const number = Number(/_r(\d+)$/.exec(live)?.[1] ?? 0);
  return `${logical}_r${(number % namesMax) + 1}`;
};

const take = async (options: ClaimOptions, origin: Origin): Promise<Origin | undefined> => {
  const { store, logical, incarnation, by, anew = false } = options;
  const { collection, rebuilding, rebuilder } = origin;
  const fresh = rebuilding ?? nextAfter(logical, collectionIn(origin));
  const $set = { rebuilding: fresh, rebuilder: by, beat: 0 };
  const where = {
    incarnation,
    collection: collection ?? absent,
    rebuilding: rebuilding ?? absent,
    rebuilder: rebuilder ?? absent,
    old: absent,
  };
  const taken = await store.update(origins.name, { id: logical, where }, { $set });
  if (taken && anew && rebuilding !== undefined) await store.drop(rebuilding);
  return taken as Origin | undefined;
};

const absent = { $exists: false };

const claimOn = (origin: Origin, options: ClaimOptions): Claim => {
  const { store, logical, incarnation, by, pulse = pulseDefault } = options;
  const live = collectionIn(origin);
  const fresh = origin.rebuilding ?? '';
  const losing = new AbortController();
  const where: Filter = { incarnation, rebuilding: fresh, rebuilder: by };
  const change = async (update: Update): Promise<boolean> =>
    (await store.update(origins.name, { id: logical, where }, update)) !== undefined;
  const lost = (): Error =>
    new Error(`${logical} is being rebuilt by another process, or was dropped`);
  let isOver = false;
  const beat = async (): Promise<void> => {
    try {
      const isMine = await change({ $inc: { beat: 1 } });
      if (!(isMine || isOver)) losing.abort(lost());
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) losing.abort(error);
    }
  };
  const beating = setInterval(() => void beat(), pulse.beatMs);
  const end = (update: Update): Promise<boolean> => {
    isOver = true;
    clearInterval(beating);
    return change(update);
  };
  return {
    live,
    fresh,
    lost: losing.signal,
    async switchOver() {
      const $unset = { rebuilding: '', rebuilder: '', beat: '' };
      if (!(await end({ $set: { collection: fresh, old: live }, $unset }))) throw lost();
    },
    async abandon() {
      if (!losing.signal.aborted) await store.drop(fresh);
      await end({ $unset: { rebuilding: '', rebuilder: '', beat: '' } });
    },
    async release() {
      await end({ $unset: { rebuilder: '', beat: '' } });
    },
  };
};
