import type { EventLog } from '../events/log.ts';
import { collectionOf } from '../projections/projection.ts';
import type { Progress } from '../projections/runner/following.ts';
import { monotonic } from '../runtime/clock.ts';
import type { ReadStore } from '../store/store.ts';
import { type Host, hostProjection } from './host.ts';
import { type CustomProjection, loadProjection } from './module.ts';

/** Custom projections, each with a runner of its own: the failure of one does not affect others. */
export type Attachments = { stop(): Promise<void> };

export type AttachOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** Called with the progress of each while it catches up, and with why one has stopped, as lines for the operator. */
  readonly say: (line: string) => void;
  /** Called with the error of one that has stopped. */
  readonly onError: (error: Error) => void;
  readonly now: () => number;
};

/** Loads the projections of the variable `OSHI_PROJECTIONS`. Rejects with one line that names the variable. */
export const loadAttached = async (path: string): Promise<CustomProjection> => {
  try {
    return await loadProjection(path);
  } catch (cause) {
    throw new Error(`OSHI_PROJECTIONS: ${(cause as Error).message}`, { cause });
  }
};

/** A projection, and the path of its module. */
export type Loaded = { readonly path: string; readonly projection: CustomProjection };

/** Loads all of them. Rejects with one line also if two have the same name. */
export const loadAllAttached = async (paths: readonly string[]): Promise<Loaded[]> => {
  const projections = await Promise.all(paths.map(loadAttached));
  const names = projections.map(collectionOf);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new Error(`OSHI_PROJECTIONS: ${twice} is named twice`);
  return projections.map((projection, index) => ({ path: paths[index] ?? '', projection }));
};

/** Attaches custom projections: each is replayed from the beginning while the server runs, then follows. */
export const attach = async (
  attached: readonly Loaded[],
  { log, store, say, onError, now }: AttachOptions,
): Promise<Attachments> => {
  const hosts: Host[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(hosts.map((host) => host.stop()));
  };
  const begin = async ({ path, projection }: Loaded): Promise<void> => {
    const host = await hostProjection({
      log,
      store,
      projection,
      by: 'attached',
      say,
      now,
      onError(error) {
        say(`projection ${projection.name}: ${error.message}${originOf(error)}`);
        onError(error);
      },
      reload: () => loadProjection(path),
      onProgress: progressOf(projection.name, { say }),
      onRun: (following) =>
        void following.caughtUp().then(
          () =>
            say(
              `projection ${projection.name}: caught up, ${following.counters.events} events; following`,
            ),
          () => undefined,
        ),
    });
    hosts.push(host);
  };
  try {
    for (const each of attached) await begin(each);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Where in its module a projection threw, in parentheses; empty if unknown. */
const originOf = ({ cause }: Error): string => {
  const stack = (cause instanceof Error && cause.stack) || '';
  const frame = stack.split('\n').find((line) => line.includes('?read='));
  if (frame === undefined) return '';
  const place = frame.slice(frame.indexOf('file:')).replace(/\?read=[\d.]+/, '');
  return ` (${place.replace(')', '')})`;
};

/** Reports the progress of a projection, with the rate and the remaining time. */
const progressOf = (name: string, { say }: Pick<AttachOptions, 'say'>) => {
  const begun = new Map<number, { readonly applied: number; readonly at: number }>();
  return ({ partition, state, applied, head }: Progress): void => {
    if (state !== 'catching-up') {
      begun.delete(partition);
      return;
    }
    const first = begun.get(partition) ?? { applied, at: monotonic() };
    begun.set(partition, first);
    const perSecond = ((applied - first.applied) / Math.max(1, monotonic() - first.at)) * 1000;
    const left = perSecond > 0 ? `${Math.ceil((head - applied) / perSecond)} s left` : '';
    const share = head > 0 ? Math.floor((applied / head) * 100) : 100;
    say(
      `projection ${name}: partition ${partition} at ${share} % (${applied} of ${head}), ` +
        `${Math.round(perSecond)} commits/s ${left}`.trim(),
    );
  };
};
