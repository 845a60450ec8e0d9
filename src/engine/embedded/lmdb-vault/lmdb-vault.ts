import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type RootDatabaseOptions } from 'lmdb';
import { StoreRefused } from '../../../events/store-refused.ts';
import type { Vault, VaultReader } from '../../../events/vault.ts';
import { sleep } from '../../../runtime/timers.ts';
import { createFile } from '../files/creation.ts';
import { writeFailure } from '../files/failure.ts';
import { checkStructure } from '../files/file-structure.ts';
import { checkFreeSpace } from '../files/free-space.ts';
import { openBesideWriters, whileOthersOpen } from '../files/opening-gate.ts';
import { otherReaders } from '../files/readers.ts';
import { opening, unusable } from '../files/refusal.ts';

const options: RootDatabaseOptions & { permissionsMode: number } = {
  noSubdir: true,
  overlappingSync: false,
  encoding: 'string',
  permissionsMode: 0o600,
};

export const vaultFile = (path: string): string => join(path, 'vault.mdb');

/**
 * How often to check whether another process that has the file open has closed it; `oshi checkpoint` takes a moment.
 */
const looksMax = 20;
const lookEveryMs = 50;

const valueBytesMax = 4096;
const keyForm = /^[!-~]{1,500}$/;

const checkKey = (key: string): void => {
  if (!keyForm.test(key)) throw new RangeError('a key is 1 to 500 printable characters of ASCII');
};

const checkValue = (value: string): void => {
  if (Buffer.byteLength(value) > valueBytesMax) {
    throw new RangeError(`a value has at most ${valueBytesMax} bytes`);
  }
};

/**
 * Opens the vault of a data folder, `vault.mdb`, readable by its owner only. One write at a time, each flushed before
 * it is acknowledged. What was destroyed can no longer be read through LMDB, and later writes reuse its space in the
 * file. Throws `StoreRefused` if the file is damaged, or if another process has it open, even if the lock of the data
 * folder was lost.
 */
export const openLmdbVault = async (path: string): Promise<Vault> => {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const file = vaultFile(path);
  if (!existsSync(file)) await createFile(file, (draft) => open(draft, options).close());
  const vault = new LmdbVault(file);
  try {
    await vault.claim();
    return vault;
  } catch (error) {
    await vault.close();
    throw unusable(file, error);
  }
};

class LmdbVault implements Vault {
  readonly #file: string;
  #root: RootDatabase<string, string> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(file: string) {
    this.#file = file;
    this.#root = this.#opened();
  }

  /** Waits a moment for other processes to close it; throws `StoreRefused` if one does not. */
  async claim(): Promise<void> {
    const root = this.#store();
    // Registers this process as a reader, so that of two at least one detects the other.
    root.get('.');
    for (let looks = 1; ; looks++) {
      const [other] = otherReaders(root);
      if (other === undefined) return;
      if (looks === looksMax) {
        throw new StoreRefused(
          `${this.#file} is in use by another process, ${other}. Stop that one first, or name another folder.`,
        );
      }
      await sleep(lookEveryMs);
    }
  }

  async get(key: string): Promise<string | undefined> {
    checkKey(key);
    await this.#turn;
    return this.#store().get(key);
  }

  async put(key: string, value: string): Promise<void> {
    checkKey(key);
    checkValue(value);
    await this.#write((root) => root.put(key, value));
  }

  async ensure(key: string, value: string): Promise<string> {
    checkKey(key);
    checkValue(value);
    await this.#write((root) => root.ifNoExists(key, () => void root.put(key, value)));
    return (await this.get(key)) ?? value;
  }

  async destroy(key: string): Promise<void> {
    checkKey(key);
    await this.#write((root) => root.remove(key));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await this.#root?.close();
    this.#root = undefined;
  }

  #opened(): RootDatabase<string, string> {
    checkStructure(this.#file);
    return opening(this.#file, () => open<string, string>(this.#file, options));
  }

  #store(): RootDatabase<string, string> {
    if (this.#closed) throw new Error(`${this.#file} is closed`);
    this.#root ??= this.#opened();
    return this.#root;
  }

  /** After some failures LMDB refuses everything, so after each the file is reopened. */
  #write(work: (root: RootDatabase<string, string>) => Promise<boolean>): Promise<void> {
    const done = this.#turn.then(async () => {
      await whileOthersOpen(this.#file);
      const root = this.#store();
      try {
        checkFreeSpace(this.#file);
      } catch (error) {
        throw writeFailure(error, this.#file);
      }
      try {
        await work(root);
      } catch (error) {
        const { commitError } = error as { commitError?: Promise<never> };
        const cause = (await commitError?.catch((reason: unknown) => reason)) ?? error;
        this.#root = undefined;
        await root.close();
        throw writeFailure(cause, this.#file);
      }
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

/** Reads the vault of a data folder beside the server that holds it; undefined if there is none. */
export const readLmdbVault = async (path: string): Promise<VaultReader | undefined> => {
  const file = vaultFile(path);
  if (!existsSync(file)) return undefined;
  const root = await openBesideWriters(file, () => {
    checkStructure(file, { shared: true });
    return opening(file, () =>
      open<string, string>(file, { noSubdir: true, encoding: 'string', readOnly: true }),
    );
  });
  return {
    get: async (key) => root.get(key),
    entries: async () => Array.from(root.getRange(), ({ key, value }) => [key, value] as const),
    close: () => root.close(),
  };
};
