import type { EventLog } from '../events/log.ts';
import { incarnationsIn } from '../store/origins.ts';
import type { ReadStore } from '../store/store.ts';

/** The option that accepts a log whose vault is lost; named in the error without it. */
export const newVaultOption = '--new-vault';

export const hasEvents = async (log: EventLog): Promise<boolean> => {
  for (let partition = 0; partition < log.info.partitions; partition++) {
    if ((await log.head(partition)) > 0) return true;
  }
  return false;
};

/** The error for a log with events but without a vault. */
export const lostVault = (what: string, where: string): Error =>
  new Error(
    `There is no ${what} ${where}, but the log holds events: nobody could log in with a password. Restore it from the backup, or run oshi start ${newVaultOption} once to go on without the passwords.`,
  );

export type ModelsCheck = {
  readonly log: EventLog;
  readonly store: ReadStore;
  /** What to call them, and what to do if they belong to another log. */
  readonly what: string;
  readonly remedy: string;
  readonly onWarning: (line: string) => void;
};

/**
 * Rejects with one line if all read models of a store were built from other logs: then one of the two is the wrong
 * one, and read markers would be lost. If there are none, it reports that they will be rebuilt.
 */
export const checkModels = async (check: ModelsCheck): Promise<void> => {
  const { log, store, what, remedy, onWarning } = check;
  const { incarnation } = log.info;
  const known = await incarnationsIn(store);
  if (known.has(incarnation)) return;
  if (known.size > 0) {
    throw new Error(
      `${what} were built from another log (${[...known].join(', ')}) than this one (${incarnation}). ${remedy}`,
    );
  }
  if (await hasEvents(log)) {
    onWarning(
      `${what} are missing: they are rebuilt from the log, without the read markers of users.`,
    );
  }
};
