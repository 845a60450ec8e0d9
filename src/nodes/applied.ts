import type { Bus } from '../engine/nodes.ts';
import type { Elsewhere, Progress, SharedProgress } from '../projections/runner/following.ts';
import type { Failed } from '../projections/runner/roster.ts';
import { clearInterval, nextIteration, setInterval } from '../runtime/timers.ts';

const topic = 'applied';
/** How often everything is announced, in ms: a message may have been lost, and nodes start. */
const everyMs = 1000;
/** After so many rounds a node has heard of all others. */
const roundsMin = 3;

/** The read models of a node; see `SharedProgress`. */
type Models = {
  readonly complete: readonly string[];
  readonly read: readonly string[];
  readonly failed: readonly Failed[];
};

type Moved = readonly [partition: number, applied: number, head: number, state: Progress['state']];

type Announced = {
  readonly node: string;
  /** Changes with `models`, for which the positions hold. */
  readonly set: number;
  /** With everything that the node follows; without it, only what has moved. */
  readonly models?: Models;
  /** Events applied since the node has started. */
  readonly events: number;
  readonly moved: readonly Moved[];
};

/** What another node has announced. */
type Known = {
  set: number;
  models: Models;
  events: number;
  /** Whether its positions hold for all collections that are read here. */
  isComplete: boolean;
  readonly progress: Map<number, Progress>;
};

export type AppliedOptions = {
  readonly bus: Bus;
  readonly me: string;
};

/** What it needs of the cluster of nodes. */
export type Placed = {
  nodes(): readonly { readonly id: string }[];
  ownerOf(partition: number): string | undefined;
  listen(onChange: () => void): void;
};

/**
 * Announces how far this node has applied the partitions that it follows, and hears it of the others. A position of
 * another node counts if that node fills every collection that is read here, so a node that reads a collection which
 * others have stopped to fill waits, and reads nothing stale.
 */
export class AppliedPositions implements Elsewhere {
  readonly #options: AppliedOptions;
  readonly #known = new Map<string, Known>();
  readonly #moved = new Set<number>();
  #running: { readonly runner: SharedProgress; readonly placed: Placed } | undefined;
  #events: () => number = () => 0;
  #set = 0;
  #isSending = false;
  /** How often everything was announced since the start. */
  #rounds = 0;
  #announcing: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: AppliedOptions) {
    this.#options = options;
  }

  /** Takes part from now on. `events`: how many were applied here. */
  start(runner: SharedProgress, placed: Placed, events: () => number): void {
    this.#running = { runner, placed };
    this.#events = events;
    this.#unsubscribe = this.#options.bus.subscribe(topic, (message) =>
      this.#receive(message as Announced),
    );
    placed.listen(() => this.#placementChanged());
    runner.listen((partition) => this.#onMoved(partition));
    this.#announce();
    this.#announcing = setInterval(() => {
      this.#rounds++;
      this.#announce();
    }, everyMs).unref();
  }

  stop(): void {
    clearInterval(this.#announcing);
    this.#unsubscribe();
    this.#running = undefined;
  }

  /** Events applied by the other nodes. */
  get events(): number {
    return [...this.#known.values()].reduce((sum, { events }) => sum + events, 0);
  }

  covers(partition: number, collection: string): boolean {
    const owner = this.#ownerOf(partition);
    return owner?.models.complete.includes(collection) === true && owner.progress.has(partition);
  }

  /** Also while a node has not announced what it reads. */
  mayRead(collection: string): boolean {
    if (this.#rounds < roundsMin) return true;
    return this.#others().some(
      (id) => this.#known.get(id)?.models.read.includes(collection) ?? true,
    );
  }

  #others(): string[] {
    const { placed } = this.#running ?? {};
    return (placed?.nodes() ?? []).map(({ id }) => id).filter((id) => id !== this.#options.me);
  }

  #ownerOf(partition: number): Known | undefined {
    const owner = this.#running?.placed.ownerOf(partition);
    return owner === undefined ? undefined : this.#known.get(owner);
  }

  #onMoved(partition: number | undefined): void {
    if (partition === undefined) {
      this.#set++;
      this.#announce();
      this.#readChanged();
      return;
    }
    this.#moved.add(partition);
    if (this.#isSending) return;
    this.#isSending = true;
    void nextIteration().then(() => {
      this.#isSending = false;
      const moved = [...this.#moved];
      this.#moved.clear();
      this.#send(moved);
    });
  }

  /** Announces everything. */
  #announce(): void {
    const { runner } = this.#running ?? {};
    if (!runner) return;
    const models = {
      complete: runner.complete(),
      read: runner.read(),
      failed: runner.failed(),
    };
    this.#send(all(runner), models);
  }

  #send(partitions: readonly number[], models?: Models): void {
    const { runner } = this.#running ?? {};
    if (!runner || this.#others().length === 0) return;
    const moved = partitions.flatMap((partition): Moved[] => {
      const at = runner.isFollowed(partition) ? runner.progressOf(partition) : undefined;
      return at ? [[partition, at.applied, at.head, at.state]] : [];
    });
    const { me: node, bus } = this.#options;
    const announced = { node, set: this.#set, events: this.#events(), moved };
    bus.publish(topic, (models ? { ...announced, models } : announced) satisfies Announced);
  }

  #receive({ node, set, models, events, moved }: Announced): void {
    const { runner } = this.#running ?? {};
    if (!runner || node === this.#options.me) return;
    if (models) this.#learn(node, { set, models, events });
    const known = this.#known.get(node);
    // Positions for models that are not known: what says which ones was lost, and is repeated.
    if (known?.set !== set) return;
    known.events = events;
    for (const [partition, applied, head, state] of moved) {
      known.progress.set(partition, { partition, applied, head, state });
      this.#apply(partition);
    }
    if (models) runner.changed();
  }

  #learn(node: string, { set, models, events }: Pick<Known, 'set' | 'models' | 'events'>): void {
    const runner = this.#running?.runner;
    for (const failed of models.failed) runner?.failElsewhere(failed);
    const known: Known = { set, models, events, isComplete: false, progress: new Map() };
    this.#known.set(node, known);
    this.#check(known);
  }

  #check(known: Known): void {
    const complete = new Set(known.models.complete);
    known.isComplete = this.#running?.runner.read().every((each) => complete.has(each)) ?? false;
  }

  /** Has the runner know what the owner of a partition has announced, if it holds for what is read here. */
  #apply(partition: number): void {
    const owner = this.#ownerOf(partition);
    const progress = owner?.progress.get(partition);
    if (owner?.isComplete && progress) this.#running?.runner.heard(progress);
  }

  #applyAll(): void {
    const { runner } = this.#running ?? {};
    if (!runner) return;
    for (const partition of all(runner)) this.#apply(partition);
    runner.changed();
  }

  #readChanged(): void {
    for (const known of this.#known.values()) this.#check(known);
    this.#applyAll();
  }

  #placementChanged(): void {
    const others = new Set(this.#others());
    for (const node of this.#known.keys()) if (!others.has(node)) this.#known.delete(node);
    if ([...others].some((node) => !this.#known.has(node))) this.#announce();
    this.#applyAll();
  }
}

const all = ({ partitions }: SharedProgress): number[] =>
  Array.from({ length: partitions }, (_, partition) => partition);
