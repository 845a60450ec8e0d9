import type { EventLog } from '../events/log.ts';
import type { Vault } from '../events/vault.ts';
import { abortAfter, aborted, clearInterval, setInterval, sleep } from '../runtime/timers.ts';
import type { HeadState } from '../store/state/heads.ts';
import { signed } from './checkpoint.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { HeadTracker } from './head-tracker.ts';
import { ensureSigningKey, type SigningKey } from './signing-key.ts';

export type CheckpointsOptions = {
  readonly log: EventLog;
  readonly vault: Vault;
  readonly state: HeadState;
  readonly checkpoints: CheckpointStore;
  /** How often, in ms; 0: never. */
  readonly everyMs: number;
  readonly now: () => number;
  readonly onError: (error: Error) => void;
};

/** How long a stopping server waits for a last checkpoint, in ms; another one is made after the next start. */
const stopMsMax = 2000;
const lookEveryMs = 10;

/**
 * Signs a checkpoint at an interval and at the stop, if something was appended since. Resolves with the function that
 * stops it; call it when nothing is appended any more and the log is still open.
 */
export const startCheckpoints = async (
  options: CheckpointsOptions,
): Promise<() => Promise<void>> => {
  const { log, vault, checkpoints, everyMs, now, onError } = options;
  if (everyMs === 0) return async () => {};
  const complain = (cause: unknown): void =>
    onError(new Error('the checkpoint of the log could not be made', { cause }));
  let key: SigningKey | undefined;
  let last: string | undefined;
  const prepare = async (): Promise<SigningKey> => {
    if (key) return key;
    last = (await checkpoints.newest(log.info.incarnation))?.positions.join();
    key = await ensureSigningKey(vault);
    return key;
  };
  // What is unavailable now may be available for the first checkpoint; the start of a server must not depend on it.
  await prepare().catch(complain);
  const tracker = new HeadTracker(options);
  tracker.start();

  const make = async (): Promise<void> => {
    const signing = await prepare();
    const positions = tracker.positions.join();
    if (positions === last || tracker.positions.every((position) => position === 0)) return;
    const then = await tracker.take();
    await checkpoints.save(
      signed({ incarnation: log.info.incarnation, at: now(), ...then }, signing),
    );
    last = then.positions.join();
  };
  let making: Promise<void> = Promise.resolve();
  const next = (): Promise<void> => {
    making = making.then(make).catch(complain);
    return making;
  };
  const timer = setInterval(() => void next(), everyMs).unref();

  const finish = async (signal: AbortSignal): Promise<void> => {
    while (!(signal.aborted || (await tracker.isCaughtUp()))) await sleep(lookEveryMs);
    if (!signal.aborted) await next();
    await tracker.stop();
  };
  return async () => {
    clearInterval(timer);
    const late = abortAfter(stopMsMax);
    // The stop of a server must not depend on an unavailable service.
    await Promise.race([finish(late).catch(onError), aborted(late)]);
  };
};
