import { partitionOf } from '../events/aggregate.ts';
import { CodecError, isKnown } from '../events/codec.ts';
import { type Commit, commitEventsMax, type LoggedEvent, lastOf } from '../events/commit.ts';
import type { KnownEvent } from '../events/kinds/kinds.ts';
import { emptyTail, type Tail } from '../events/log.ts';
import { randomId } from '../runtime/random.ts';
import type { Stamp } from './command.ts';
import { isRefusal, type Refusal, refuse, refusedForNow, withinSpace } from './decision.ts';
import { Inbox, type Pending } from './inbox.ts';
import { limits } from './limits.ts';
import type { Done, Outcome } from './outcome.ts';
import { Recent } from './recent.ts';
import { SavedState } from './saved-state.ts';
import { appendSettled } from './settle.ts';
import { brokenChain, refusalOf, Unreadable, unknownEvent, unlessLasting } from './unreadable.ts';
import type { WriterOptions } from './writer-options.ts';

/** A command of the current batch that was decided and waits for its events to be durable. */
type Decided = {
  readonly pending: Pending<Stamp, Done>;
  readonly outcome: Refusal | Omit<Done, 'position'>;
};

/** Events after a snapshot before the next is taken. */
const snapshotEveryEvents = 5000;
/** Events of one decision, at most: all sessions of a user end, and one starts. */
const decisionEventsMax = limits.sessionsPerUserMax + 8;
const unchanging = (): undefined => undefined;
/** Commands of a batch, at most. */
const batchMax = 512;
/** A commit of more bytes takes no further decision: one may still cause 72 KiB of events. */
const commitBytesAim = 184 * 1024;

/**
 * The one writer of one aggregate. Commands are decided in the order in which they arrive, against a state that the
 * writer owns; a batch becomes one commit, with one append in flight. Every command is answered once and in time, with
 * a success only when its events are durable. After a failed append the state is loaded again from the log, and waiting
 * commands may be retried. While the result of an append is unknown, nothing else is decided.
 */
export class Writer<State, Command extends Stamp, Event extends KnownEvent, World> {
  readonly #options: WriterOptions<State, Command, Event, World>;
  readonly #partition: number;
  #state: State | undefined;
  #tail: Tail = emptyTail;
  #keys = new Recent<{ sum: string; n: number }>(limits.recentKeysMax);
  readonly #inbox = new Inbox<Command, Done>();
  #loading: Promise<State> | undefined;
  #running: Promise<void> | undefined;
  #batch: Promise<void> | undefined;
  #isStopping = false;
  #eventsSinceSnapshot = 0;
  readonly #saved: SavedState<State>;

  constructor(options: WriterOptions<State, Command, Event, World>) {
    this.#options = options;
    this.#saved = new SavedState(options);
    this.#partition = partitionOf(options.aggregate, options.log.info.partitions);
  }

  /** The state, once loaded. Must not be changed. */
  get state(): State | undefined {
    return this.#state;
  }

  get tail(): Tail {
    return this.#tail;
  }

  /** Whether no command waits and nothing is in flight. */
  get idle(): boolean {
    return this.#running === undefined && this.#saved.saving === undefined;
  }

  /** Whether it is idle, and the log holds nothing of it or its state was discarded. */
  get vacant(): boolean {
    return this.idle && this.#tail.n === 0;
  }

  /** Resolves when what the state holds now is durable, or was discarded; undefined if it is durable already. */
  settled(): Promise<void> | undefined {
    return this.#batch;
  }

  /** Resolves when nothing waits or is in flight; a save may be. */
  async finished(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Decides a command and makes it durable. Never rejects for what a client did. */
  ask(command: Command): Promise<Outcome> {
    const outcome = this.#inbox.put(command);
    this.#running ??= this.#run();
    return outcome;
  }

  /** Loads the state if it is not loaded. Rejects if the log cannot be read; a permanent failure is kept. */
  async load(): Promise<State> {
    if (this.#state !== undefined) return this.#state;
    this.#loading ??= unlessLasting(this.#read(), this.#options, () => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /** The state, loaded if necessary, once all that it holds when this is called is durable. */
  async durable(): Promise<State> {
    if (this.#state === undefined) await this.load();
    await this.settled();
    return this.load();
  }

  async #read(): Promise<State> {
    const { aggregate, rules } = this.#options;
    const saved = await this.#saved.load();
    if (saved) {
      this.#keys = new Recent(limits.recentKeysMax, saved.keys);
      const loaded = await this.#follow(saved.state, saved.tail);
      if (loaded !== undefined) return loaded;
    }
    this.#keys = new Recent(limits.recentKeysMax);
    const loaded = await this.#follow(rules.initial(), emptyTail);
    if (loaded !== undefined) return loaded;
    throw brokenChain(aggregate);
  }

  /** Folds what the log holds after `from` into the state; undefined if the log does not continue from there. */
  async #follow(state: State, from: Tail): Promise<State | undefined> {
    const { aggregate, log } = this.#options;
    let tail = from;
    for await (const { commit, hash, seq } of log.read(aggregate, {
      after: from.n,
      from: from.seq,
    })) {
      if (commit.n !== tail.n + 1 || commit.prev !== tail.hash) return undefined;
      for (const [index, event] of commit.events.entries()) {
        if (!isKnown(event)) throw unknownEvent(aggregate, commit.n + index, event);
        this.#fold(state, event, { n: commit.n + index, seq: tail.seq });
      }
      tail = { n: lastOf(commit), hash, seq };
    }
    if (tail === from && from.n > 0 && (await log.tail(aggregate)).hash !== from.hash)
      return undefined;
    this.#eventsSinceSnapshot = tail.n - from.n;
    this.#tail = tail;
    this.#state = state;
    return state;
  }

  /** Waits for what is in flight and saves a snapshot. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#running;
    await this.#saved.saving;
    if (this.#eventsSinceSnapshot > 0) this.#snapshot();
    await this.#saved.saving;
  }

  #fold(state: State, event: LoggedEvent, { n, seq }: { n: number; seq: number }): void {
    const { at, by, cmd, sum } = event;
    this.#options.rules.evolve(state, event as unknown as Event, { n, at, by, seq });
    if (cmd !== undefined && sum !== undefined) this.#keys.set(`${by}/${cmd}`, { sum, n });
  }

  /**
   * Works until the inbox is empty, and resets `#running` in the same step, so that the next command starts it again.
   */
  async #run(): Promise<void> {
    while (this.#inbox.size > 0) {
      const batch = this.#inbox.take(batchMax);
      if (batch.length === 0) continue;
      this.#batch = this.#work(batch).catch((error: unknown) => this.#fail(batch, error));
      await this.#batch;
      this.#batch = undefined;
      if (this.#eventsSinceSnapshot >= snapshotEveryEvents) this.#snapshot();
    }
    this.#running = undefined;
  }

  #fail(batch: readonly Pending<Command, Done>[], error: unknown): void {
    if (!(error instanceof Unreadable)) this.#discard(error);
    const refusal = refusalOf(error) ?? refusedForNow;
    for (const pending of batch) if (!this.#inbox.has(pending)) pending.answer(refusal);
  }

  /** Decides and appends a batch; what exceeds one commit goes back to the front of the inbox. */
  async #work(batch: readonly Pending<Command, Done>[]): Promise<void> {
    const state = this.#state ?? (await this.load());
    const commands = batch.map(({ command }) => command);
    const prepared = this.#options.prepare?.(state, commands, this.#tail);
    const ready = prepared === undefined ? commands : await prepared;
    for (let busy = this.#options.gate?.(); busy; busy = this.#options.gate?.()) await busy;
    const events: LoggedEvent[] = [];
    const decided: Decided[] = [];
    let bytes = 0;
    for (const [index, pending] of batch.entries()) {
      const full = bytes > commitBytesAim || events.length > commitEventsMax - decisionEventsMax;
      if (full) {
        this.#inbox.putBack(batch.slice(index));
        break;
      }
      if (pending.isAnswered) continue;
      const command = ready[index] ?? pending.command;
      const outcome = isRefusal(command) ? command : this.#decide(state, command, events);
      decided.push({ pending, outcome });
      if (!isRefusal(outcome)) bytes += Buffer.byteLength(JSON.stringify(outcome.events));
    }
    await this.#release(decided, events);
  }

  async #release(decided: readonly Decided[], events: readonly LoggedEvent[]): Promise<void> {
    const failure = events.length > 0 ? await this.#append(events) : undefined;
    this.#batch = undefined;
    const position = { partition: this.#partition, seq: this.#tail.seq };
    for (const { pending, outcome } of decided) {
      pending.answer(failure ?? (isRefusal(outcome) ? outcome : { ...outcome, position }));
    }
  }

  #decide(state: State, command: Command, events: LoggedEvent[]): Decided['outcome'] {
    const { by, at, key, sum = '', conn, ses } = command;
    const known = key === undefined ? undefined : this.#keys.get(`${by}/${key}`);
    if (known)
      return known.sum === sum ? { events: [], repeated: true } : refuse('conflict', 'key');
    const { rules, world } = this.#options;
    const decision = withinSpace(command, rules.decide(state, command, world()));
    if (isRefusal(decision)) return decision;
    const repeatable = key && { cmd: key, sum };
    const stamp = { at, by, ...repeatable, ...(conn && { conn }), ...(ses && { ses }) };
    const recorded = decision.events.map((event) => {
      const { k, v, d } = event as KnownEvent;
      const logged = { k, v, ...stamp, d } as LoggedEvent;
      events.push(logged);
      const n = this.#tail.n + events.length;
      this.#fold(state, logged, { n, seq: this.#tail.seq });
      return { ...logged, n };
    });
    return { events: recorded, answer: decision.answer, repeated: decision.repeated ?? false };
  }

  /** Makes the events durable; returns a refusal if their commands must be sent again. */
  async #append(events: readonly LoggedEvent[]): Promise<Refusal | undefined> {
    const { aggregate, log, term = 1, worldVersion = unchanging } = this.#options;
    const version = worldVersion();
    const after = this.#tail;
    const commit: Commit = { id: randomId(), n: after.n + 1, prev: after.hash, term, events };
    const settling = {
      isCurrent: () => worldVersion() === version,
      worldSettled: async () => {
        for (let busy = this.#options.gate?.(); busy; busy = this.#options.gate?.()) await busy;
      },
      isOver: () => this.#isStopping,
    };
    try {
      this.#tail = await appendSettled(log, { aggregate, commit, after }, settling);
      this.#eventsSinceSnapshot += events.length;
      return undefined;
    } catch (error) {
      if (error instanceof CodecError) throw error;
      this.#discard(error);
      return refusedForNow;
    }
  }

  #discard(cause: unknown): void {
    this.#state = undefined;
    this.#tail = emptyTail;
    const { aggregate, onFault } = this.#options;
    onFault?.(new Error(`${aggregate}: the writer lost its state`, { cause }));
  }

  /** Saves the state, which is durable, beside further work. */
  #snapshot(): void {
    if (this.#state === undefined || this.#saved.saving !== undefined) return;
    this.#eventsSinceSnapshot = 0;
    const [state, tail, keys] = [this.#state, this.#tail, this.#keys.entries()];
    void this.#saved.save({ state, tail, keys });
  }
}
