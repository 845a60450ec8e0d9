import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checkpoint, checkpointIn } from '../../verification/checkpoint.ts';
import type { CheckpointStore } from '../../verification/checkpoint-store.ts';
import { unusable } from './files/refusal.ts';

/** The name of the file in the data folder, with one line per checkpoint. */
export const checkpointFile = 'checkpoints.ndjson';

export const fileCheckpoints = (dataDir: string): CheckpointStore => {
  const path = join(dataDir, checkpointFile);
  return {
    save: (checkpoint) => appendLine(path, JSON.stringify(checkpoint)),
    newest: async (incarnation) =>
      (await checkpointsIn(path)).findLast((checkpoint) => checkpoint.incarnation === incarnation),
  };
};

/** Rejects with one line if all checkpoints in a data folder are of other logs. */
export const checkCheckpoints = async (dataDir: string, incarnation: string): Promise<void> => {
  const path = join(dataDir, checkpointFile);
  const known = new Set((await checkpointsIn(path)).map((checkpoint) => checkpoint.incarnation));
  if (known.size === 0 || known.has(incarnation)) return;
  throw new Error(
    `${path} holds checkpoints of another log (${[...known].join(', ')}) than log.mdb is (${incarnation}). Restore the log.mdb that they belong to, or move them away.`,
  );
};

const checkpointsIn = async (path: string): Promise<Checkpoint[]> => {
  if (!existsSync(path)) return [];
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw unusable(path, error);
  });
  return text.split('\n').flatMap((line) => checkpointIn(line) ?? []);
};

/** Appends a line to a file, durably. */
export const appendLine = async (path: string, line: string): Promise<void> => {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(`${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
};
