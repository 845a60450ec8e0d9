import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { EventLog } from './events/log.ts';
import { bindToLog } from './projections/binding.ts';
import { collectionOf, type Projection } from './projections/projection.ts';
import { builtIn, stateCollections } from './projections/read-models.ts';
import { type Progress, type Runner, startRunner } from './projections/runner.ts';
import type { ReadStore } from './projections/store.ts';

/** Projections of one's own, each with a runner of its own: what befalls one touches nothing else. */
export type Attachments = { readonly runners: ReadonlyMap<string, Runner>; stop(): Promise<void> };

export type AttachOptions = {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** Told the progress of each while it catches up, as a line for people. */
  readonly say: (line: string) => void;
  readonly onError: (error: Error) => void;
};

const isProjection = (value: unknown): value is Projection =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  /^[a-z][a-z0-9-]*$/.test(value.name) &&
  'version' in value &&
  Number.isInteger(value.version) &&
  'on' in value &&
  typeof value.on === 'object' &&
  'indexes' in value &&
  Array.isArray(value.indexes);

/** Loads a module that exports a projection as `projection` or by default. Rejects with what to do. */
export const loadProjection = async (path: string): Promise<Projection> => {
  const file = resolve(path.trim());
  const module: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message.split('\n', 1).join('') : String(cause);
    throw new Error(`OSHI_PROJECTIONS: ${file} cannot be loaded: ${reason}`, { cause });
  });
  const { projection, default: fallback } = module as { projection?: unknown; default?: unknown };
  const found = projection ?? fallback;
  if (!isProjection(found)) {
    throw new Error(
      `OSHI_PROJECTIONS: ${file} exports no projection; export { name, version, indexes, on } as "projection"`,
    );
  }
  const taken = [...builtIn, ...stateCollections].some(({ name }) => name === found.name);
  if (taken) {
    throw new Error(
      `OSHI_PROJECTIONS: ${file}: "${found.name}" is a name of Oshi's own; choose another`,
    );
  }
  return found;
};

/** Says how far a projection has come, with the rate and the time that is left. */
const progressOf = (name: string, say: (line: string) => void) => {
  const begun = Date.now();
  const first = new Map<number, number>();
  return ({ partition, state, applied, head }: Progress): void => {
    if (!first.has(partition)) first.set(partition, applied);
    if (state !== 'catching-up') return;
    const done = applied - (first.get(partition) ?? 0);
    const perSecond = (done / Math.max(1, Date.now() - begun)) * 1000;
    const left = perSecond > 0 ? `${Math.ceil((head - applied) / perSecond)} s left` : '';
    const share = head > 0 ? Math.floor((applied / head) * 100) : 100;
    say(
      `projection ${name}: partition ${partition} at ${share} % (${applied} of ${head}), ` +
        `${Math.round(perSecond)} commits/s ${left}`.trim(),
    );
  };
};

/** Attaches projections of one's own: each is replayed from the beginning while the server serves, then follows. */
export const attach = async (
  paths: readonly string[],
  { log, store, say, onError }: AttachOptions,
): Promise<Attachments> => {
  const runners = new Map<string, Runner>();
  for (const path of paths) {
    const projection = await loadProjection(path);
    const name = collectionOf(projection);
    if (runners.has(name)) throw new Error(`OSHI_PROJECTIONS: ${name} is named twice`);
    await bindToLog(store, { incarnation: log.info.incarnation, projections: [projection], say });
    const onProgress = progressOf(projection.name, say);
    const runner = await startRunner({
      log,
      store,
      projections: [projection],
      onProgress,
      onError,
    });
    runners.set(name, runner);
    void runner.caughtUp().then(
      () =>
        say(
          `projection ${projection.name}: caught up, ${runner.counters.events} events; following`,
        ),
      () => undefined,
    );
  }
  return {
    runners,
    async stop() {
      await Promise.all([...runners.values()].map((runner) => runner.stop()));
    },
  };
};
