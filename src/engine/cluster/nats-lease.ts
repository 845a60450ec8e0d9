import { hostname } from 'node:os';
import type { KV, KvEntry } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { monotonic, wallClock } from '../../runtime/clock.ts';
import { isProcessAlive, machineOf } from '../../runtime/processes.ts';
import { randomId } from '../../runtime/random.ts';
import { clearTimeout, setTimeout, sleep } from '../../runtime/timers.ts';
import { findBucket, openBucket, putUnchanged } from './kv-bucket.ts';

/** The process that restores a backup, or a server of an earlier version, which uses the servers alone. */
export type Holder = {
  /** Unique to this process; it answers on a subject with this id. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When it started, in ms since 1970; for display only. */
  readonly since: number;
  /** The scope of its process id; undefined if unknown. */
  readonly machine: string | undefined;
};

/** The exclusive right to restore to the servers. */
export type Lease = {
  /** Resolves with one line when another process has taken the servers over; otherwise never. */
  readonly lost: Promise<Error>;
  /** Releases the lease, so that the next process need not wait. Never rejects. */
  release(): Promise<void>;
};

export type LeaseOptions = {
  readonly bucket?: string;
  /** Copies of a new bucket. */
  readonly replicas?: number | undefined;
  /** How long a holder may be silent before its servers are taken over, in ms. */
  readonly silentMsMax?: number;
  /** How often the holder checks whether it still holds the lease, in ms. */
  readonly lookEveryMs?: number;
  readonly onWarning?: (line: string) => void;
  /** A monotonic clock, in ms. */
  readonly elapsed?: () => number;
  readonly now?: () => number;
};

export const leaseBucket = 'OSHI_LEASE';
const key = 'holder';
const askMsMax = 500;
const askEveryMs = 250;
/** A stop must not wait longer for unavailable servers. */
const releaseMsMax = 1000;

const subjectOf = ({ id }: Pick<Holder, 'id'>): string => `oshi.lease.${id}`;

const named = ({ pid, host, since }: Holder): string =>
  `process ${pid} on ${host}, since ${new Date(since).toISOString()}`;

/**
 * Acquires the servers for this process. A holder that answers keeps them: rejects with one line that names it. One
 * that has ended, or is silent for `silentMsMax`, is replaced, and detects that itself. The record in the bucket is
 * only changed from the state that was read, so only one of several processes gets it. The connection belongs to the
 * caller.
 */
export const takeLease = async (nc: NatsConnection, options: LeaseOptions = {}): Promise<Lease> => {
  const { bucket = leaseBucket, replicas, now = wallClock } = options;
  const kv = await openBucket(nc, bucket, replicas);
  const me: Holder = {
    id: randomId(),
    host: hostname(),
    pid: process.pid,
    since: now(),
    machine: machineOf(),
  };
  // Answers before it is recorded: a record whose process is silent can be taken over.
  const answering = nc.subscribe(subjectOf(me), {
    callback: (_error, question) => void question.respond(),
  });
  try {
    const revision = await acquire({ nc, kv, me }, options);
    return hold(
      { nc, kv, me },
      { ...options, revision, stopAnswering: () => answering.unsubscribe() },
    );
  } catch (error) {
    answering.unsubscribe();
    throw error;
  }
};

/** Rejects with one line if the servers are leased. */
export const refuseIfLeased = async (
  nc: NatsConnection,
  options: LeaseOptions = {},
): Promise<void> => {
  const kv = await findBucket(nc, options.bucket ?? leaseBucket);
  const holder = kv && holderIn(await kv.get(key));
  if (holder && (await isAlive(nc, holder, options))) throw leasedBy(holder);
};

type Bucket = { readonly nc: NatsConnection; readonly kv: KV; readonly me: Holder };

const holderIn = (entry: KvEntry | null): Holder | undefined =>
  entry?.operation === 'PUT' ? entry.json<Holder>() : undefined;

/** Writes the record if it has not changed since it was read; undefined if it has. */
const claim = ({ kv, me }: Bucket, entry: KvEntry | null): Promise<number | undefined> =>
  putUnchanged(kv, { key, text: JSON.stringify(me) }, entry?.revision ?? 0);

const acquire = async (bucket: Bucket, options: LeaseOptions): Promise<number> => {
  for (;;) {
    const entry = await bucket.kv.get(key);
    const holder = holderIn(entry);
    if (holder && (await isAlive(bucket.nc, holder, options))) throw leasedBy(holder);
    const revision = await claim(bucket, entry);
    if (revision !== undefined) return revision;
  }
};

const leasedBy = (holder: Holder): Error =>
  new Error(
    `another Oshi (${named(holder)}) uses these servers alone, to restore a backup or as an earlier version does: let it end, or stop it.`,
  );

/** Pings a holder until it answers, or has been silent for so long that it counts as dead. */
const isAlive = async (
  nc: NatsConnection,
  holder: Holder,
  { silentMsMax = 3000, onWarning, elapsed = monotonic }: LeaseOptions,
): Promise<boolean> => {
  const isNear = holder.machine !== undefined && holder.machine === machineOf();
  if (isNear && !isProcessAlive(holder.pid)) return false;
  const begun = elapsed();
  for (let attempt = 0; ; attempt++) {
    const answers = await nc.request(subjectOf(holder), '', { timeout: askMsMax }).then(
      () => true,
      () => false,
    );
    if (answers) return true;
    if (elapsed() - begun >= silentMsMax) return false;
    if (attempt === 0) {
      onWarning?.(
        `An Oshi that does not answer (${named(holder)}) has used these servers; it is waited for up to ${silentMsMax / 1000} s.`,
      );
    }
    await sleep(askEveryMs);
  }
};

type Held = LeaseOptions & { readonly revision: number; readonly stopAnswering: () => void };

const hold = (bucket: Bucket, { lookEveryMs = 2000, ...held }: Held): Lease => {
  const { kv, me } = bucket;
  let { revision } = held;
  let lose: (error: Error) => void = () => {};
  const lost = new Promise<Error>((resolve) => {
    lose = resolve;
  });
  let timer: NodeJS.Timeout | undefined;
  let isDone = false;
  const look = async (): Promise<void> => {
    const entry = await kv.get(key);
    const holder = holderIn(entry);
    if (holder?.id === me.id || isDone) return;
    // Without a record, as after the loss of the bucket's data, it is still free.
    const again = holder ? undefined : await claim(bucket, entry);
    if (again !== undefined) {
      revision = again;
      return;
    }
    if (!holder) return;
    isDone = true;
    held.stopAnswering();
    lose(new Error(`another Oshi (${named(holder)}) has taken over these servers.`));
  };
  const lookOn = (): void => {
    timer = setTimeout(() => {
      // A failed check is repeated the next time.
      void look().then(next, next);
    }, lookEveryMs).unref();
  };
  const next = (): void => {
    if (!isDone) lookOn();
  };
  lookOn();
  return {
    lost,
    async release() {
      clearTimeout(timer);
      if (isDone) return;
      isDone = true;
      const removed = kv.delete(key, { previousSeq: revision }).catch(() => undefined);
      await Promise.race([removed, sleep(releaseMsMax, { ref: false })]);
      held.stopAnswering();
    },
  };
};
