import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointState } from '../projections/state/checkpoints.ts';
import type { ReadStore } from '../projections/store.ts';
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
    newest: async (incarnation) => {
      if (!existsSync(path)) return undefined;
      const lines = (await readFile(path, 'utf8')).split('\n');
      return lines
        .map(checkpointIn)
        .findLast((checkpoint) => checkpoint?.incarnation === incarnation);
    },
  };
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
