import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import type { CollectionSpec, Document } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per projection with a desired state. `_id`: the projection's name. */
export const desiredStates: CollectionSpec = { name: 'wishes', indexes: [] };

/** `running`: follow the log; `stopped`: pause; `detached`: stop and drop the documents. */
export type Wanted = 'running' | 'stopped' | 'detached';
export type DesiredState = {
  readonly wanted: Wanted;
  readonly at: number;
  /** Why the process that runs it could not apply it; the previous state goes on. */
  readonly refused?: string;
};

/** The desired states of projections, set by the command line and applied by the process that runs them. */
export const desiredState = (store: Pick<ReadStore, 'get' | 'put' | 'remove'>) => ({
  get: async (name: string): Promise<DesiredState | undefined> =>
    (await store.get(desiredStates.name, name)) as (Document & DesiredState) | undefined,
  make: (name: string, wish: DesiredState): Promise<void> =>
    store.put(desiredStates.name, { _id: name, ...wish }),
  forget: (name: string): Promise<void> => store.remove(desiredStates.name, name),
});

export type ApplyOptions = {
  readonly store: Pick<ReadStore, 'get' | 'put' | 'remove'>;
  readonly name: string;
  /**
   * Applies a desired state. The next one is looked for when it has resolved; what it throws is passed to `onError`.
   */
  readonly onDesired: (wanted: Wanted) => Promise<void> | void;
  readonly onError?: (error: Error) => void;
};

const lookEveryMs = 1000;

/**
 * Polls the desired state of a projection every second, until the returned function is called. Of states that were
 * set before, only `stopped` still counts: it outlives a restart. A `detached` is applied once and then removed.
 */
export const applyDesiredStates = ({
  store,
  name,
  onDesired,
  onError,
}: ApplyOptions): (() => void) => {
  const state = desiredState(store);
  let applied: DesiredState | undefined;
  let isFirst = true;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const apply = async (wish: DesiredState): Promise<void> => {
    const isOld = isFirst && wish.wanted !== 'stopped';
    applied = wish;
    try {
      if (!isOld) await onDesired(wish.wanted);
    } catch (cause) {
      const refused = cause instanceof Error ? cause.message : String(cause);
      onError?.(new Error(`projection ${name} is not ${wish.wanted}: ${refused}`, { cause }));
      // Unless another state was set meanwhile.
      const now = await state.get(name);
      if (now && !isNew(now)) await state.make(name, { wanted: wish.wanted, at: wish.at, refused });
      return;
    }
    if (wish.wanted === 'detached') await state.forget(name);
  };
  const isNew = (wish: DesiredState): boolean =>
    wish.at !== applied?.at || wish.wanted !== applied.wanted;
  const look = async (): Promise<void> => {
    try {
      const wish = await state.get(name);
      if (wish && !stopped && isNew(wish)) await apply(wish);
      isFirst = false;
    } catch {
      // The store is unavailable: the next poll tries again.
    }
    if (!stopped) timer = setTimeout(() => void look(), lookEveryMs);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};
