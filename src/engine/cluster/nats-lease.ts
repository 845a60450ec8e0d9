import { hostname } from 'node:os';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { monotonic, wallClock } from '../../runtime/clock.ts';
import { randomId } from '../../runtime/random.ts';
import { clearTimeout, setTimeout, sleep } from '../../runtime/timers.ts';
import { isOver, machineOf } from './machine.ts';

/** The process that uses the servers. */
export type Holder = {
  /** Of this process alone; it answers on a subject that this names. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When it started, in ms since 1970; only to be shown. */
  readonly since: number;
  /** Where process ids mean the same; undefined if that cannot be known. */
  readonly machine: string | undefined;
};

/** The right to use the servers alone. */
export type Lease = {
  /** Resolves with one line when another process has taken the servers over; never if none does. */
  readonly lost: Promise<Error>;
  /** Gives the lease back, so that the next process need not wait. Never rejects. */
  release(): Promise<void>;
};

export type LeaseOptions = {
  readonly bucket?: string;
  /** How long a holder may be silent before its servers are taken over, in ms. */
  readonly silentMsMax?: number;
  /** How often the holder looks whether it still is, in ms. */
  readonly lookEveryMs?: number;
  readonly onWarning?: (line: string) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsed?: () => number;
  readonly now?: () => number;
};

const bucketDefault = 'OSHI_LEASE';
const key = 'holder';
const askMsMax = 500;
const askEveryMs = 250;
/** A stop must not wait longer for servers that are away. */
const releaseMsMax = 1000;

const subjectOf = ({ id }: Pick<Holder, 'id'>): string => `oshi.lease.${id}`;

const named = ({ pid, host, since }: Holder): string =>
  `process ${pid} on ${host}, since ${new Date(since).toISOString()}`;

/**
 * Takes the servers for this process. A holder that answers keeps them: rejects with one line that names it. One that
 * has ended, or is silent for `silentMsMax`, is replaced, and finds that out by itself. The record in the bucket is
 * changed only from the state that was read, so of several processes one gets it. The connection belongs to the caller.
 */
export const takeLease = async (nc: NatsConnection, options: LeaseOptions = {}): Promise<Lease> => {
  const { bucket = bucketDefault, now = wallClock } = options;
  // Not direct: a replica that lags behind must not answer.
  const kv = await new Kvm(nc).create(bucket, { history: 1, allow_direct: false });
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

type Place = { readonly nc: NatsConnection; readonly kv: KV; readonly me: Holder };

const holderIn = (entry: KvEntry | null): Holder | undefined =>
  entry?.operation === 'PUT' ? entry.json<Holder>() : undefined;

/** How the server says that a record is not as it was read. */
const lateCodes: readonly number[] = [
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
];

/** Writes the record if it is still as it was read; undefined if it is not. */
const claim = async ({ kv, me }: Place, entry: KvEntry | null): Promise<number | undefined> => {
  try {
    return await kv.put(key, JSON.stringify(me), { previousSeq: entry?.revision ?? 0 });
  } catch (error) {
    if (error instanceof JetStreamApiError && lateCodes.includes(error.code)) return undefined;
    throw error;
  }
};

const acquire = async (place: Place, options: LeaseOptions): Promise<number> => {
  for (;;) {
    const entry = await place.kv.get(key);
    const holder = holderIn(entry);
    if (holder && (await isAlive(place, holder, options))) {
      throw new Error(
        `another Oshi (${named(holder)}) uses these servers: stop it first, or name other servers. Several cannot share them yet.`,
      );
    }
    const revision = await claim(place, entry);
    if (revision !== undefined) return revision;
  }
};

/** Asks a holder until it answers, or has been silent for so long that it is taken for gone. */
const isAlive = async (
  { nc, me }: Place,
  holder: Holder,
  { silentMsMax = 3000, onWarning, elapsed = monotonic }: LeaseOptions,
): Promise<boolean> => {
  const isNear = holder.machine !== undefined && holder.machine === me.machine;
  if (isNear && isOver(holder.pid)) return false;
  const begun = elapsed();
  for (let asked = 0; ; asked++) {
    const answers = await nc.request(subjectOf(holder), '', { timeout: askMsMax }).then(
      () => true,
      () => false,
    );
    if (answers) return true;
    if (elapsed() - begun >= silentMsMax) return false;
    if (asked === 0) {
      onWarning?.(
        `An Oshi that does not answer (${named(holder)}) has used these servers; it is waited for up to ${silentMsMax / 1000} s.`,
      );
    }
    await sleep(askEveryMs);
  }
};

type Held = LeaseOptions & { readonly revision: number; readonly stopAnswering: () => void };

const hold = (place: Place, { lookEveryMs = 2000, ...held }: Held): Lease => {
  const { kv, me } = place;
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
    const again = holder ? undefined : await claim(place, entry);
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
      // What cannot be asked now is asked the next time.
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
