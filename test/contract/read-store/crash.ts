import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ReadStore } from '../../../src/store/store.ts';
import { everything, follow } from './following.ts';
import { bare, foldOf, longHistory } from './history.ts';

export type Crashing = {
  readonly engine: 'embedded' | 'mongo';
  /** The folder or the URL. */
  readonly place: string;
  readonly open: () => Promise<ReadStore>;
};

const seed = 20_261_124;
const events = 4_000;

/** After how many batches each process is killed, and the portions in which it applies them. */
const runs = [
  { batches: 12, cut: [5, 40, 1] },
  { batches: 33, cut: [3] },
  { batches: 5, cut: [90] },
  { batches: 21, cut: [17, 2] },
  { batches: 60, cut: [1] },
  { batches: 9, cut: [64, 128] },
];

/** Each run compiles and starts a process of its own. */
const patienceMs = 180_000;

/** Processes that are killed in the middle of their batches, each followed by one with other portions. */
export const crashContract = (crashing: () => Crashing): void => {
  const title = `a process that is killed at any moment leaves nothing half done (seed ${seed})`;
  test(title, { timeout: patienceMs }, async () => {
    const { engine, place, open } = crashing();
    const collection = 'crashed';
    const history = longHistory(seed, events);
    for (const { batches, cut } of runs) {
      await killed([engine, place, collection, seed, events, ...cut].map(String), batches);
      const store = await open();
      const at = await store.checkpoint(collection, 0);
      expect(at).toBeLessThan(events);
      const next = history.slice(0, at + 11);
      await follow(store, next, { collection, projections: [collection], cut: [4, 1] });
      expect(bare(await everything(store, collection))).toEqual(foldOf(next));
      await store.close();
    }
    const store = await open();
    await follow(store, history, { collection, projections: [collection], cut: [100] });
    expect(bare(await everything(store, collection))).toEqual(foldOf(history));
    await store.close();
  });
};

/** Runs the child until it has applied so many batches and is in one of the next. */
const killed = async (args: readonly string[], batches: number): Promise<void> => {
  const script = join(import.meta.dirname, 'crash-child.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args]);
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  await applied(child, batches);
  child.kill('SIGKILL');
  const [, signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error(`the process ended by itself: ${errors}`);
};

const applied = (child: ChildProcess, batches: number): Promise<void> =>
  new Promise((resolve) => {
    let seen = 0;
    child.stdout?.on('data', (dots: Buffer) => {
      seen += dots.length;
      if (seen >= batches) resolve();
    });
    child.on('exit', () => resolve());
  });
