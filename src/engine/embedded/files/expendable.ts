import { renameSync, rmSync, statSync } from 'node:fs';
import { StoreRefused } from '../../../events/store-refused.ts';

export type ExpendableOptions<T> = {
  /** A file whose content may be lost. */
  readonly file: string;
  readonly open: () => Promise<T>;
  /** What was put aside is deleted when it was not written for this long, in ms. */
  readonly keptMs: number;
  readonly now: () => number;
  readonly onWarning: (line: string) => void;
};

/**
 * Opens a file that may be lost: a damaged one is put aside as `<file>.damaged`, replacing an earlier one, and an
 * empty one is created. Rejects with `StoreRefused` if it cannot be used for another reason.
 */
export const openExpendable = async <T>(options: ExpendableOptions<T>): Promise<T> => {
  const { file, open, keptMs, now, onWarning } = options;
  const aside = `${file}.damaged`;
  const writtenAt = statSync(aside, { throwIfNoEntry: false })?.mtimeMs;
  if (writtenAt !== undefined && writtenAt < now() - keptMs) rmSync(aside, { recursive: true });
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof StoreRefused && error.isDamage)) throw error;
    renameSync(file, aside);
    const opened = await open();
    onWarning(
      `${file} is damaged (${error.damage}). It may be lost: it was put aside as ${aside}, and an empty one is in its place.`,
    );
    return opened;
  }
};
