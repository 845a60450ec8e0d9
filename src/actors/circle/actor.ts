import { type ActorRefFrom, createActor } from 'xstate';
import { type Access, accessOf } from '../../access/access.ts';
import { circleAggregate, streamAggregate } from '../../events/aggregate.ts';
import type { CircleId, StreamId, UserId } from '../../events/ids.ts';
import type { EventIn } from '../../events/kinds/kinds.ts';
import { LogUnavailable } from '../../events/log.ts';
import { defined } from '../../runtime/defined.ts';
import type { WriterLog } from '../assignment.ts';
import { isRefusal, refuse, refusedForNow } from '../decision.ts';
import type { Outcome } from '../outcome.ts';
import type { Snapshots } from '../snapshots.ts';
import type { StreamCommand } from '../stream/commands.ts';
import { type LookUpMessages, withPast } from '../stream/past.ts';
import { streamRules } from '../stream/rules.ts';
import type { StreamState } from '../stream/state.ts';
import { Writer } from '../writer.ts';
import type { CircleCommand } from './commands.ts';
import { type CircleSignal, circleMachine } from './machine.ts';
import { circleRules } from './rules.ts';
import type { CircleState } from './state.ts';

export type CircleActorOptions = {
  readonly circle: CircleId;
  readonly log: WriterLog;
  readonly term?: number;
  readonly snapshots: Snapshots;
  readonly lookUpMessages: LookUpMessages;
  /** Called once when the actor must not be used any more, and nothing of it is in flight. */
  readonly onLost: (actor: CircleActor, error: Error) => void;
  /** Called once for the circle, and for each stream, that cannot be read from the log; the others go on. */
  readonly onUnreadable: (error: Error) => void;
};

type CircleWriter = Writer<CircleState, CircleCommand, EventIn<'circle'>, undefined>;
type StreamWriter = Writer<StreamState, StreamCommand, EventIn<'stream'>, CircleState>;

/**
 * A running circle: the one writer of the circle and of all its streams. Each stream has its own inbox and its own
 * append in flight, so that a busy one does not delay others; all are decided against the circle's state.
 */
export class CircleActor {
  readonly #options: CircleActorOptions;
  readonly #lifecycle: ActorRefFrom<typeof circleMachine>;
  readonly #circle: CircleWriter;
  readonly #streams = new Map<StreamId, StreamWriter>();
  #fault: Error | undefined;

  constructor(options: CircleActorOptions) {
    this.#options = options;
    const { circle, log, term = 1, snapshots, onUnreadable } = options;
    this.#lifecycle = createActor(circleMachine);
    this.#lifecycle.subscribe({
      next: (snapshot) => {
        if (snapshot.matches('lost')) void this.#leave();
      },
      error: (error) => options.onLost(this, new Error(`circle ${circle}`, { cause: error })),
    });
    this.#lifecycle.start();
    this.#circle = new Writer({
      aggregate: circleAggregate(circle),
      rules: circleRules,
      log,
      term,
      snapshots,
      world: () => this.#checkFault(),
      onFault: (error) => this.#lose(error),
      onUnreadable,
    });
  }

  get idle(): boolean {
    return this.#circle.idle && [...this.#streams.values()].every((stream) => stream.idle);
  }

  get vacant(): boolean {
    return this.#circle.vacant && this.#streams.size === 0;
  }

  /** Decides a command to the circle; a stream that it creates is open for posting when it is answered. */
  async ask(command: CircleCommand): Promise<Outcome> {
    if (!this.#isAccepting) return refusedForNow;
    const outcome = await this.#circle.ask(command);
    if (isRefusal(outcome)) return outcome;
    let { position } = outcome;
    for (const { k, d } of outcome.events) {
      if (k !== 'stream-created') continue;
      const { by, at, conn } = command;
      const stamp = { by, at, ...defined({ conn }) };
      const address = { circle: this.#options.circle, stream: d.id };
      const opened = await this.#askStream({ ...stamp, ...address, op: 'open-stream' });
      if (!isRefusal(opened) && opened.position.seq > position.seq) position = opened.position;
    }
    return { ...outcome, position };
  }

  async askStream(command: StreamCommand): Promise<Outcome> {
    return this.#isAccepting ? this.#askStream(command) : refusedForNow;
  }

  async #askStream(command: StreamCommand): Promise<Outcome> {
    const circle = this.#circle.state ?? (await this.#circle.load());
    if (!circle.streams.has(command.stream)) {
      await this.#circle.settled();
      return refuse(accessOf(circle, command.by).refusal ?? 'not-found');
    }
    return this.#stream(command.stream as StreamId).ask(command);
  }

  /** The access of a user to the circle, or to the stream, as of all that is durable now. */
  async accessOf(user: UserId, stream?: StreamId): Promise<Access> {
    return accessOf(await this.#durable(), user, stream);
  }

  /** The number of the newest message of a stream; 0 if it has none. */
  async newestMessage(stream: StreamId): Promise<number> {
    const circle = await this.#durable();
    return circle.streams.has(stream) ? (await this.#stream(stream).durable()).m : 0;
  }

  async #durable(): Promise<CircleState> {
    const circle = await this.#circle.durable();
    if (this.#fault) throw new LogUnavailable('the actor is being replaced');
    return circle;
  }

  /** Waits for what is in flight and saves snapshots. */
  async stop(): Promise<void> {
    this.#signal({ type: 'drain' });
    await this.#circle.stop();
    await Promise.all([...this.#streams.values()].map((stream) => stream.stop()));
    this.#signal({ type: 'drained' });
    this.#lifecycle.stop();
  }

  get #isAccepting(): boolean {
    return this.#lifecycle.getSnapshot().hasTag('accepting');
  }

  #lose(error: Error): void {
    this.#fault ??= error;
    this.#signal({ type: 'lose' });
  }

  /**
   * Has the actor replaced once nothing of it is in flight: another one must know what becomes of that, since a
   * removal could follow what the other decides.
   */
  async #leave(): Promise<void> {
    await Promise.all([this.#circle, ...this.#streams.values()].map((writer) => writer.finished()));
    this.#options.onLost(this, this.#fault ?? new Error('lost'));
  }

  /** Throws once the actor is lost: what waits is refused, since another writer may have changed the circle. */
  #checkFault(): undefined {
    if (this.#fault) throw this.#fault;
  }

  #signal(signal: CircleSignal): void {
    if (this.#lifecycle.getSnapshot().status === 'active') this.#lifecycle.send(signal);
  }

  #stream(id: StreamId): StreamWriter {
    const known = this.#streams.get(id);
    if (known) return known;
    const { circle, log, term = 1, snapshots, lookUpMessages, onUnreadable } = this.#options;
    const aggregate = streamAggregate(circle, id);
    const lookUp = withPast(aggregate, lookUpMessages);
    const stream: StreamWriter = new Writer({
      aggregate,
      rules: streamRules,
      log,
      term,
      snapshots,
      world: () => {
        this.#checkFault();
        if (this.#circle.state === undefined) throw new Error(`circle ${circle} is not loaded`);
        return this.#circle.state;
      },
      prepare: (state, commands, tail) =>
        this.#circle.state === undefined
          ? this.#circle.load().then(() => lookUp(state, commands, tail) ?? commands)
          : lookUp(state, commands, tail),
      worldVersion: () => this.#fault ?? this.#circle.settled() ?? this.#circle.tail.n,
      gate: () => this.#circle.settled(),
      onFault: (error) => this.#lose(error),
      onUnreadable,
    });
    this.#streams.set(id, stream);
    return stream;
  }
}
