import type { Access } from '../access/access.ts';
import {
  type Aggregate,
  circleAggregate,
  nameAggregate,
  userAggregate,
} from '../events/aggregate.ts';
import type { CircleId, SessionId, StreamId, UserId } from '../events/ids.ts';
import type { EventIn } from '../events/kinds/kinds.ts';
import { type EventLog, LogUnavailable } from '../events/log.ts';
import { Deadline } from '../runtime/deadline.ts';
import { clearInterval, setInterval } from '../runtime/timers.ts';
import { Assignment } from './assignment.ts';
import { CircleActor } from './circle/actor.ts';
import type { CircleCommand } from './circle/commands.ts';
import { refusedForNow } from './decision.ts';
import { limits } from './limits.ts';
import { type NameCommand, type NameState, nameRules } from './name/rules.ts';
import type { Outcome } from './outcome.ts';
import { Registry } from './registry.ts';
import type { Snapshots } from './snapshots.ts';
import type { StreamCommand } from './stream/commands.ts';
import type { LookUpMessages } from './stream/past.ts';
import type { UserCommand } from './user/commands.ts';
import { userRules } from './user/rules.ts';
import type { OpenSession, UserState } from './user/state.ts';
import { Writer } from './writer.ts';

export type ActorsOptions = {
  readonly log: EventLog;
  readonly snapshots: Snapshots;
  readonly lookUpMessages: LookUpMessages;
  /** Whether all partitions are assigned at first; default: yes. */
  readonly isAssigned?: boolean;
  /** A clock that only goes forward, in ms. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
  /** How long an actor may be idle before it is passivated, in ms. */
  readonly idleMs?: number;
  /** At most this many circles, and as many users, are active. */
  readonly residentsMax?: number;
};

type UserWriter = Writer<UserState, UserCommand, EventIn<'user'>, undefined>;
type NameWriter = Writer<NameState, NameCommand, EventIn<'name'>, undefined>;

export type Profile = { readonly username: string } & UserState['profile'];

export type FoundSession = OpenSession & { readonly id: SessionId };

const sweepEveryMs = 10_000;

/**
 * All running actors of this node. A command is answered exactly once. A query rejects if the log cannot be read.
 * Both take `limits.answerMs` at most: then a command is `unavailable`, but may still be done, as a repeat will tell.
 */
export class Actors {
  readonly #log: EventLog;
  readonly #assignment: Assignment;
  readonly #circles: Registry<CircleId, CircleActor>;
  readonly #users: Registry<UserId, UserWriter>;
  readonly #names: Registry<string, NameWriter>;
  readonly #sweeping: NodeJS.Timeout;
  readonly #deadline = new Deadline(limits.answerMs);

  constructor(options: ActorsOptions) {
    const { snapshots, lookUpMessages, now, onError } = options;
    this.#log = options.log;
    this.#assignment = new Assignment(options.log, options.isAssigned);
    const { log } = this.#assignment;
    const bounds = {
      now,
      idleMs: options.idleMs ?? 120_000,
      residentsMax: options.residentsMax ?? 10_000,
    };
    const world = () => undefined;
    const shared = { log, snapshots, world, onFault: onError, onUnreadable: onError };
    const written = (aggregate: Aggregate) => ({
      ...shared,
      aggregate,
      term: this.#assignment.termOf(aggregate),
    });
    const lookUp: LookUpMessages = (...args) =>
      lookUpMessages(...args).catch((cause: unknown) => {
        onError(new Error(`${args[0]}: old messages cannot be looked up`, { cause }));
        throw cause;
      });
    this.#circles = new Registry({
      ...bounds,
      make: (circle) =>
        new CircleActor({
          circle,
          log,
          term: this.#assignment.termOf(circleAggregate(circle)),
          snapshots,
          lookUpMessages: lookUp,
          onUnreadable: onError,
          onLost: (actor, error) => {
            this.#circles.drop(circle, actor);
            onError(error);
          },
        }),
    });
    this.#users = new Registry({
      ...bounds,
      make: (user) => new Writer({ ...written(userAggregate(user)), rules: userRules }),
    });
    this.#names = new Registry({
      ...bounds,
      make: (name) => new Writer({ ...written(nameAggregate(name)), rules: nameRules }),
    });
    this.#sweeping = setInterval(() => {
      this.#sweep().catch((error: unknown) => onError(error as Error));
    }, sweepEveryMs).unref();
  }

  askCircle(circle: CircleId, command: CircleCommand): Promise<Outcome> {
    return this.#command(circleAggregate(circle), () =>
      this.#circles.use(circle, (actor) => actor.ask(command)),
    );
  }

  askStream(command: StreamCommand): Promise<Outcome> {
    const circle = command.circle as CircleId;
    return this.#command(circleAggregate(circle), () =>
      this.#circles.use(circle, (actor) => actor.askStream(command)),
    );
  }

  /** The access of a user to a circle, or to one of its streams, as of all that is durable when this is called. */
  accessOf(user: UserId, circle: CircleId, stream?: StreamId): Promise<Access> {
    return this.#query(circleAggregate(circle), () =>
      this.#circles.use(circle, (actor) => actor.accessOf(user, stream)),
    );
  }

  /** The number of the newest message of a stream, 0 if it has none, as of all that is durable when this is called. */
  newestMessage(circle: CircleId, stream: StreamId): Promise<number> {
    return this.#query(circleAggregate(circle), () =>
      this.#circles.use(circle, (actor) => actor.newestMessage(stream)),
    );
  }

  askUser(user: UserId, command: UserCommand): Promise<Outcome> {
    return this.#command(userAggregate(user), () =>
      this.#users.use(user, (actor) => actor.ask(command)),
    );
  }

  askName(folded: string, command: NameCommand): Promise<Outcome> {
    return this.#command(nameAggregate(folded), () =>
      this.#names.use(folded, (actor) => actor.ask(command)),
    );
  }

  /** The holder of a name, from the log. */
  async holderOf(folded: string): Promise<NameState['holder']> {
    const load = () => this.#names.use(folded, (actor) => actor.load());
    return (await this.#query(nameAggregate(folded), load)).holder;
  }

  /** Whether a user has an account, from the log. */
  async isRegistered(user: UserId): Promise<boolean> {
    return (await this.#user(user)).registered;
  }

  /** The profile of a user, from the log; undefined if there is no account. */
  async profileOf(user: UserId): Promise<Profile | undefined> {
    const { registered, username, profile } = await this.#user(user);
    return registered ? { username, ...profile } : undefined;
  }

  /** The open session of a user with this digest of its token, from the log. */
  async sessionOf(user: UserId, digest: string): Promise<FoundSession | undefined> {
    const { sessions } = await this.#user(user);
    for (const [id, session] of sessions) {
      if (session.digest === digest) return { id: id as SessionId, ...session };
    }
    return undefined;
  }

  /** The ids of a user's open sessions in the order in which they were opened, from the log. */
  async sessionsOf(user: UserId): Promise<readonly string[]> {
    return [...(await this.#user(user)).sessions.keys()];
  }

  /** The id of a user's valid hash in the vault, from the log; undefined: that of the registration. */
  async secretOf(user: UserId): Promise<string | undefined> {
    return (await this.#user(user)).secret;
  }

  /** Whether a user ever had a session. Reads the user's log, since the state holds open sessions only. */
  async everHad(user: UserId, session: string): Promise<boolean> {
    for await (const { commit } of this.#log.read(userAggregate(user))) {
      const opened = commit.events.some(({ k, d }) => k === 'session-opened' && d.id === session);
      if (opened) return true;
    }
    return false;
  }

  /** How many circles and users are active, for the metrics. */
  get active(): { readonly circles: number; readonly users: number } {
    return { circles: this.#circles.size, users: this.#users.size };
  }

  /** Accepts commands of a partition again, once `revoke` has resolved. `term`: that of its commits from now on. */
  assign(partition: number, term?: number): void {
    this.#assignment.assign(partition, term);
  }

  /**
   * Refuses commands of a partition, waits for those that were accepted, `limits.answerMs` at most, and resolves once
   * nothing more of it can be appended.
   */
  async revoke(partition: number): Promise<void> {
    this.#assignment.refuse(partition);
    const isIn = (aggregate: Aggregate): boolean =>
      this.#assignment.partitionOf(aggregate) === partition;
    const evicted = Promise.all([
      this.#circles.evict((circle) => isIn(circleAggregate(circle))),
      this.#users.evict((user) => isIn(userAggregate(user))),
      this.#names.evict((name) => isIn(nameAggregate(name))),
    ]);
    await this.#deadline.within<unknown>(evicted, () => undefined);
    await this.#assignment.fence(partition);
  }

  /** Waits until all actors are idle and stopped. Later calls would start new ones. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    await Promise.all([this.#circles.stop(), this.#users.stop(), this.#names.stop()]);
  }

  #user(user: UserId): Promise<UserState> {
    return this.#query(userAggregate(user), () =>
      this.#users.use(user, (actor) => actor.durable()),
    );
  }

  /** Runs a query; rejects with `LogUnavailable` if it takes too long, or if the partition is not assigned. */
  #query<T>(aggregate: Aggregate, run: () => Promise<T>): Promise<T> {
    if (!this.#assignment.accepts(aggregate)) {
      return Promise.reject(new LogUnavailable(`${aggregate} is not assigned to this node`));
    }
    return this.#deadline.within(run(), () => {
      throw new LogUnavailable('the event log did not answer in time');
    });
  }

  /** Runs a command; refuses with `unavailable` if it takes too long, or if the partition is not assigned. */
  #command(aggregate: Aggregate, run: () => Promise<Outcome>): Promise<Outcome> {
    if (!this.#assignment.accepts(aggregate)) return Promise.resolve(refusedForNow);
    return this.#deadline.within(run(), () => refusedForNow);
  }

  async #sweep(): Promise<void> {
    await Promise.all([this.#circles.sweep(), this.#users.sweep(), this.#names.sweep()]);
  }
}
