import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import type { CollectionSpec, Document } from '../documents.ts';
import type { ReadStore } from '../store.ts';

/** One row per projection of which somebody wants something. `_id`: the projection's name. */
export const desiredStates: CollectionSpec = { name: 'wishes', indexes: [] };

/** Follow the log, leave off for now, or leave off and throw away what was made. */
export type Wanted = 'running' | 'stopped' | 'detached';
export type DesiredState = {
  readonly wanted: Wanted;
  readonly at: number;
  /** Why whoever runs it could not do it; what ran before goes on. */
  readonly refused?: string;
};

/** What is wanted of projections, said by the command line and heeded by whoever runs them. */
export const desiredState = (store: Pick<ReadStore, 'get' | 'put' | 'remove'>) => ({
  get: async (name: string): Promise<DesiredState | undefined> =>
    (await store.get(desiredStates.name, name)) as (Document & DesiredState) | undefined,
  make: (name: string, wish: DesiredState): Promise<void> =>
    store.put(desiredStates.name, { _id: name, ...wish }),
  forget: (name: string): Promise<void> => store.remove(desiredStates.name, name),
});

export type ApplyOptions = {
  readonly store: Pick<ReadStore, 'get' | 'put' | 'remove'>;
  /** The projection's name. */
  readonly name: string;
  /** Does what is wanted. The next wish is looked for when it has resolved; what it throws is told `onError`. */
  readonly onWish: (wanted: Wanted) => Promise<void> | void;
  readonly onError?: (error: Error) => void;
};

const lookEveryMs = 1000;

/**
 * Looks every second for what is wanted of a projection, until the returned function is called. Of wishes that are
 * older than it, only `stopped` still counts: it outlives a restart. A `detached` is done once and then forgotten.
 */
export const applyDesiredStates = ({
  store,
  name,
  onWish,
  onError,
}: ApplyOptions): (() => void) => {
  const state = desiredState(store);
  let heeded: DesiredState | undefined;
  let isFirst = true;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const heed = async (wish: DesiredState): Promise<void> => {
    const isOld = isFirst && wish.wanted !== 'stopped';
    heeded = wish;
    try {
      if (!isOld) await onWish(wish.wanted);
    } catch (cause) {
      const refused = cause instanceof Error ? cause.message : String(cause);
      onError?.(new Error(`projection ${name} is not ${wish.wanted}: ${refused}`, { cause }));
      // Unless something else is wanted by now.
      const now = await state.get(name);
      if (now && !isNew(now)) await state.make(name, { wanted: wish.wanted, at: wish.at, refused });
      return;
    }
    if (wish.wanted === 'detached') await state.forget(name);
  };
  const isNew = (wish: DesiredState): boolean =>
    wish.at !== heeded?.at || wish.wanted !== heeded.wanted;
  const look = async (): Promise<void> => {
    try {
      const wish = await state.get(name);
      if (wish && !stopped && isNew(wish)) await heed(wish);
      isFirst = false;
    } catch {
      // The store is away: in a second it is looked at again.
    }
    if (!stopped) timer = setTimeout(() => void look(), lookEveryMs);
  };
  void look();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};
