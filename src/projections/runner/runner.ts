import type { EventLog } from '../../events/log.ts';
import { wallClock } from '../../runtime/clock.ts';
import { clearTimeout, setTimeout } from '../../runtime/timers.ts';
import type { ReadStore } from '../../store/store.ts';
import { collectionOf, type External, type Projection } from '../projection.ts';
import { settle, switchOver } from './exchange.ts';
import { Follower } from './follower.ts';
import {
  type Elsewhere,
  type Following,
  nowhereElse,
  type Progress,
  type Runner,
} from './following.ts';
import type { ProjectionError } from './projection-error.ts';
import { Roster } from './roster.ts';
import { Shared } from './shared.ts';
import { Signal } from './signal.ts';
import { sinkTarget } from './sink-target.ts';
import { storeTarget } from './store-target.ts';
import type { Target } from './target.ts';
import { fillingsOf } from './translation.ts';

type Listening = {
  readonly log: EventLog;
  /** Called on each change of progress, at most a few times a second while catching up. */
  readonly onProgress?: (progress: Progress) => void;
  /** Called once for each projection that cannot go on, and when the store fails permanently. */
  readonly onError?: (error: Error) => void;
  /** After a batch, how long to collect for the next if no caller waits for it, in ms; 0: not at all. */
  readonly collectMs?: number;
  readonly now?: () => number;
  /** The other nodes, which follow the partitions that are not assigned; default: there are none, all are assigned. */
  readonly elsewhere?: Elsewhere;
};

export type RunnerOptions = Listening & {
  readonly store: ReadStore;
  readonly projections: readonly Projection[];
  /** The physical name of the collection that a projection fills; default: that of its name and version. */
  readonly collectionOf?: (projection: Projection) => string;
};

export type ExternalOptions = Listening & { readonly external: External };

const collectMsDefault = 15;

/**
 * Starts to follow every partition of the log, each in a loop of its own, and resolves once the checkpoints are read
 * or the store was found unavailable (then it retries without end). A projection that throws, or whose writes cannot
 * be stored, is left out from then on; the others go on. Rejects if there is no projection, or two of them fill one
 * collection.
 */
export const startRunner = async (options: RunnerOptions): Promise<Runner> => {
  const fillings = fillingsOf(options.projections, options.collectionOf ?? collectionOf);
  const names = fillings.map(({ collection }) => collection);
  if (names.length === 0) throw new Error('a runner needs at least one projection');
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice)
    throw new Error(`two projections are called ${twice}: rename one or raise its version`);

  const roster = new Roster();
  for (const { projection, collection } of fillings) roster.add(collection, projection.name);
  const target = storeTarget(options.store, fillings);
  const followed = await follow(options, roster, target);
  const { following, followers, moved, shared } = followed;
  const { elsewhere = nowhereElse } = options;
  const onChange = (): void => shared.notify();
  const parts = { roster, followers, elsewhere, onChange, moved: () => moved.next() };
  let settling: Promise<void> = Promise.resolve();
  return Object.assign(following, {
    shared,
    exchange(projection, pair, onSwitch) {
      const { to } = pair;
      const join = (): Promise<void> => {
        if (roster.has(to)) throw new Error(`${to} is followed already`);
        target.add({ projection, collection: to });
        roster.join(to, projection.name);
        for (const follower of followers) follower.joined();
        return leaving(settle(parts, pair));
      };
      const leaving = (step: Promise<void>): Promise<void> =>
        step.catch((error: unknown) => {
          roster.remove(to);
          for (const follower of followers) follower.leave(to);
          throw error;
        });
      const settled = settling.then(join);
      settling = settled.catch(() => undefined);
      // Other exchanges need not wait for other nodes, which may wait for them.
      return settled.then(() => leaving(switchOver(parts, pair, onSwitch)));
    },
  } satisfies Pick<Runner, 'exchange' | 'shared'>);
};

/** Starts to follow the log into an external projection; otherwise as `startRunner`. */
export const startExternal = async (options: ExternalOptions): Promise<Following> => {
  const { external, log } = options;
  const roster = new Roster();
  roster.add(collectionOf(external), external.name);
  const { following } = await follow(options, roster, sinkTarget(external, log.info));
  return following;
};

type Followed = {
  readonly following: Following;
  readonly followers: readonly Follower[];
  readonly moved: Signal;
  readonly shared: Shared;
};

const follow = async (options: Listening, roster: Roster, target: Target): Promise<Followed> => {
  const { log, onError, onProgress, collectMs = collectMsDefault, now = wallClock } = options;
  const isAssigned = options.elsewhere === undefined;
  const moved = new Signal();
  const onFailed = (error: ProjectionError): void => {
    const { collection, event, message } = error;
    const name = roster.nameOf(collection);
    if (name === undefined) return;
    const failure = { message, ...(event && { event }), at: now() };
    roster.fail({ name, collection, failure });
    for (const follower of followers) follower.leave(collection);
    shared.notify();
    // The last one is reported when the followers have ended.
    if (roster.collections.length === 0) stop();
    else onError?.(error);
  };
  const followers = Array.from(
    { length: log.info.partitions },
    (_, partition) =>
      new Follower({
        partition,
        log,
        roster,
        target,
        collectMs,
        onFailed,
        isAssigned,
        onMoved: (moved) => shared.notify(moved),
        onProgress: onProgress ? thinned(onProgress) : () => {},
      }),
  );
  const shared = new Shared({ roster, followers, moved, onError });
  const stop = (): void => {
    for (const follower of followers) follower.stop();
    moved.end(new Error('the runner was stopped'));
  };
  const ended = Promise.all(
    followers.map(async (follower) => {
      const fault = await follower.run();
      if (!fault) return;
      stop();
      onError?.(fault);
    }),
  ).then(() => target.close());
  await Promise.all(followers.map(({ begun }) => begun));
  const following = followingOf(followers, { log, roster, stop, ended });
  return { following, followers, moved, shared };
};

type Stoppable = {
  readonly log: EventLog;
  readonly roster: Roster;
  readonly stop: () => void;
  readonly ended: Promise<void>;
};

const followingOf = (
  followers: readonly Follower[],
  { log, roster, stop, ended }: Stoppable,
): Following => {
  const at = (partition: number): Follower => {
    const follower = followers[partition];
    if (!follower) throw new RangeError(`the log has no partition ${partition}`);
    return follower;
  };
  return {
    whenApplied: ({ partition, seq }, timeoutMs) => at(partition).whenApplied(seq, timeoutMs),
    applied: (partition) => at(partition).applied,
    progress: () => followers.map(({ progress }) => progress),
    failures: () => roster.failures,
    async caughtUp() {
      const whenApplied = async (follower: Follower): Promise<void> => {
        const head = await log.head(follower.partition);
        await follower.whenApplied(head, Number.POSITIVE_INFINITY);
      };
      await Promise.all(followers.map(whenApplied));
    },
    get counters() {
      return {
        events: followers.reduce((sum, { counters }) => sum + counters.events, 0),
        batches: followers.reduce((sum, { counters }) => sum + counters.batches, 0),
      };
    },
    assign: (partition) => at(partition).assign(),
    revoke: (partition) => at(partition).revoke(),
    async stop() {
      stop();
      await ended;
    },
  };
};

/** The interval between two reports of a partition, at least, in ms; a change of state is reported immediately. */
const intervalMs = 250;

/** Thins out the reports of one partition; the newest is never lost. */
const thinned = (report: (progress: Progress) => void): ((progress: Progress) => void) => {
  let state: string | undefined;
  let pending: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;

  const send = (progress: Progress): void => {
    clearTimeout(timer);
    pending = undefined;
    state = progress.state;
    timer = setTimeout(() => {
      timer = undefined;
      if (pending) send(pending);
    }, intervalMs).unref();
    report(progress);
  };

  return (progress) => {
    if (progress.state !== state || !timer) send(progress);
    else pending = progress;
  };
};
