import { monotonic } from '../../runtime/clock.ts';
import { aborted, sleep } from '../../runtime/timers.ts';
import { collectionIn, type Origin, origins } from '../../store/origins.ts';
import { type ReadStore, StoreUnavailable } from '../../store/store.ts';
import type { Pointers } from '../pointers.ts';
import { collectionOf, type Projection } from '../projection.ts';
import type { Runner } from '../runner/following.ts';

export type SwitchOverOptions = {
  readonly store: ReadStore;
  /** The pointers of this process, by which it reads. */
  readonly pointers: Pointers;
  readonly projections: readonly Projection[];
  readonly runner: Pick<Runner, 'exchange'>;
  readonly onError: (error: Error) => void;
  /** How often to look for a pointer that has moved, in ms. */
  readonly lookMs?: number;
  /** Whether another node may read a collection. */
  readonly mayRead?: (collection: string) => boolean;
  /** How long queries on the old collection may take, in ms; then it is dropped. */
  readonly graceMs?: number;
};

const lookMsDefault = 1_000;
const graceMsDefault = 5_000;

/**
 * Switches over to read models that were rebuilt, for the process that follows the log with `runner` and reads by
 * `pointers`: the third step of the protocol that `rebuild.ts` describes. Returns a function that stops it; what is
 * unfinished then is finished by the next process.
 */
export const followSwitchOvers = (options: SwitchOverOptions): (() => Promise<void>) => {
  const { lookMs = lookMsDefault, onError } = options;
  const stopping = new AbortController();
  const { round, settled } = roundsOf(options, stopping.signal);
  const looking = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await round().catch((error: unknown) => {
        if (!(error instanceof StoreUnavailable)) onError(error as Error);
      });
      await sleep(lookMs, stopping).catch(() => undefined);
    }
    await settled();
  };
  const ended = looking();
  return () => {
    stopping.abort();
    return ended;
  };
};

/** Checks the pointers of the projections once, and switches over where one has moved. */
const roundsOf = (options: SwitchOverOptions, stopping: AbortSignal) => {
  const { store, pointers, graceMs = graceMsDefault, mayRead = () => false } = options;
  const own = new Map(options.projections.map((each) => [collectionOf(each), each]));
  /** When a model was switched over here; absent for one that was read from the start. */
  const exchangedAt = new Map<string, number>();
  const refused = new Set<string>();
  const taking = new Map<string, Promise<void>>();
  const stopped = aborted(stopping);
  const note = async ({ _id, collection, old }: Origin, taken: Origin['taken']): Promise<void> => {
    const which = { id: _id, where: { collection, old } };
    await store.update(origins.name, which, { $set: { taken } });
  };

  const take = async (row: Origin, projection: Projection): Promise<void> => {
    const [from, to] = [pointers.of(row._id), collectionIn(row)];
    await note(row, 'begun');
    const onSwitch = (): void => pointers.set(row._id, to);
    const exchanging = options.runner.exchange(projection, { from, to }, onSwitch);
    await Promise.race([exchanging, stopped]);
    if (stopping.aborted) return;
    exchangedAt.set(row._id, monotonic());
    await note(row, 'done');
  };

  /** The old one is read as before; a process that starts reads the new one. */
  const refuse = (row: Origin, cause: unknown): void => {
    if (cause instanceof StoreUnavailable) return;
    refused.add(row._id);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `${collectionIn(row)} could not be switched over to: ${reason}`;
    options.onError(new Error(message, { cause }));
  };

  /** Nothing reads the old collection any more. */
  const drop = async ({ _id, collection, old }: Origin): Promise<void> => {
    if (old === undefined || mayRead(old)) return;
    await store.drop(old);
    const update = { $unset: { old: '', taken: '' } };
    await store.update(origins.name, { id: _id, where: { collection, old } }, update);
  };

  const isDone = ({ _id }: Origin): boolean => refused.has(_id) || taking.has(_id);

  const round = async (): Promise<void> => {
    for (const row of await pointers.look()) {
      const projection = own.get(row._id);
      if (!projection || stopping.aborted || isDone(row)) continue;
      if (pointers.of(row._id) === collectionIn(row)) {
        const since = exchangedAt.get(row._id) ?? Number.NEGATIVE_INFINITY;
        if (monotonic() - since >= graceMs) await drop(row);
        continue;
      }
      // Not awaited: the others need not wait for other nodes, which may wait for them.
      const taken = take(row, projection).catch((cause: unknown) => refuse(row, cause));
      taking.set(
        row._id,
        taken.finally(() => taking.delete(row._id)),
      );
    }
  };
  return { round, settled: () => Promise.all(taking.values()) };
};
