import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unusable } from '../engine/embedded/files/refusal.ts';
import { checkpointState } from '../store/state/checkpoints.ts';
import type { ReadStore } from '../store/store.ts';
import { type Checkpoint, checkpointIn } from './checkpoint.ts';

/** Where a server keeps its checkpoints: beside the data, so that copies belong elsewhere too. */
export interface Shelf {
  /** Durable when it resolves. */
  keep(checkpoint: Checkpoint): Promise<void>;
  /** The last one of a log. */
  newest(incarnation: string): Promise<Checkpoint | undefined>;
}

/** The name of the file in the data folder. */
export const shelfFile = 'checkpoints.ndjson';

/** A file in the data folder, a line for each. */
export const fileShelf = (dataDir: string): Shelf => {
  const path = join(dataDir, shelfFile);
  return {
    keep: (checkpoint) => appendLine(path, JSON.stringify(checkpoint)),
    newest: async (incarnation) =>
      (await checkpointsOn(path)).findLast((checkpoint) => checkpoint.incarnation === incarnation),
  };
};

/** The incarnations of the logs of which there are checkpoints in a data folder. Rejects if the file cannot be read. */
export const incarnationsOnShelf = async (dataDir: string): Promise<ReadonlySet<string>> =>
  new Set((await checkpointsOn(join(dataDir, shelfFile))).map(({ incarnation }) => incarnation));

const checkpointsOn = async (path: string): Promise<Checkpoint[]> => {
  if (!existsSync(path)) return [];
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(path, error);
  });
  return text.split('\n').flatMap((line) => checkpointIn(line) ?? []);
};

/** Appends a line to a file and has it on the disk when it resolves. */
export const appendLine = async (path: string, line: string): Promise<void> => {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(`${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** The collection of state `checkpoints`, where there is no data folder. */
export const stateShelf = (store: ReadStore): Shelf => {
  const state = checkpointState(store);
  return {
    keep: (checkpoint) => state.keep(checkpoint),
    newest: async (incarnation) => {
      const row = await state.newest(incarnation);
      return row && checkpointIn(JSON.stringify(row));
    },
  };
};
