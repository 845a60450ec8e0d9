import type { Aggregate } from '../events/aggregate.ts';
import type { Tail } from '../events/log.ts';
import { nextIteration } from '../runtime/timers.ts';
import type { SavedChanges, Snapshots } from './snapshots.ts';
import type { TrackedSet } from './tracked-set.ts';

/** The keys of the newest commands, oldest first. */
export type FrozenKeys = readonly [string, { readonly sum: string; readonly n: number }][];

/** The state of a writer as of `tail`. */
export type Saved<State> = {
  readonly state: State;
  readonly keys: FrozenKeys;
  readonly tail: Tail;
};

export type SavedStateOptions<State> = {
  readonly aggregate: Aggregate;
  readonly snapshots: Snapshots;
  readonly rules: {
    readonly snapshotVersion: number;
    freeze(state: State): unknown;
    thaw(frozen: unknown): State;
    large?(state: State): TrackedSet;
  };
};

type Frozen = { readonly state: unknown; readonly keys: FrozenKeys };

/** The snapshots of one writer. */
export class SavedState<State> {
  readonly #options: SavedStateOptions<State>;
  /** Where the large part of the state is saved. */
  #saved: SavedChanges | undefined;
  #saving: Promise<void> | undefined;

  constructor(options: SavedStateOptions<State>) {
    this.#options = options;
  }

  /** The save in flight, which never rejects. */
  get saving(): Promise<void> | undefined {
    return this.#saving;
  }

  /** Undefined if there is none that can be read. */
  async load(): Promise<Saved<State> | undefined> {
    await this.#saving;
    const { aggregate, rules, snapshots } = this.#options;
    const snapshot = await snapshots.load(aggregate);
    if (snapshot?.version !== rules.snapshotVersion) return undefined;
    const { state: frozen, keys } = snapshot.state as Frozen;
    const state = rules.thaw(frozen);
    for (const part of snapshot.large?.parts ?? []) {
      rules.large?.(state).restore(part);
      await nextIteration();
    }
    this.#saved = snapshot.large?.saved;
    return { state, keys, tail: snapshot.tail };
  }

  /** Saves a state as it is now, with no other save in flight. The state may change before it resolves. */
  save(saved: Saved<State>): Promise<void> {
    this.#saving = this.#save(saved).finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #save({ state, keys, tail }: Saved<State>): Promise<void> {
    const { aggregate, rules, snapshots } = this.#options;
    const frozen: Frozen = { state: rules.freeze(state), keys };
    const snapshot = { version: rules.snapshotVersion, tail, state: frozen };
    const large = rules.large?.(state);
    const saved = this.#saved;
    const unsaved = large && { ...large.take(saved?.count ?? 0), saved };
    const now = await snapshots.save(aggregate, snapshot, unsaved);
    if (now) this.#saved = now;
    else large?.forgetSaved();
  }
}
