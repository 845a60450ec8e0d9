import { createHash } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupDamaged } from './damage.ts';

/** A file of a backup, with the SHA-256 of its content in hexadecimal. */
export type BackupFile = { readonly file: string; readonly sha256: string };

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Writes a file whole or not at all, readable by its owner only; durable when it resolves. */
export const writeDurably = async (
  folder: string,
  name: string,
  content: string | Uint8Array,
): Promise<void> => {
  const path = join(folder, name);
  const handle = await open(`${path}.part`, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.part`, path);
  await sync(folder);
};

const sha256Of = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('hex');

/** Writes a file of a backup. */
export const writeBackupFile = async (
  folder: string,
  file: string,
  content: Uint8Array,
): Promise<BackupFile> => {
  await writeDurably(folder, file, content);
  return { file, sha256: sha256Of(content) };
};

/** The size of a file of a backup in bytes; undefined if it is missing. */
export const sizeOf = async (folder: string, { file }: BackupFile): Promise<number | undefined> =>
  (await stat(join(folder, file)).catch(() => undefined))?.size;

/** Reads a file of a backup. Throws `BackupDamaged` if it is missing or was changed. */
export const readBackupFile = async (
  folder: string,
  { file, sha256 }: BackupFile,
): Promise<Buffer> => {
  const path = join(folder, file);
  const content = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
    throw new BackupDamaged(`${path} is missing: restore another copy of the backup`, { cause });
  });
  if (sha256Of(content) === sha256) return content;
  throw new BackupDamaged(
    `${path} is damaged: it does not match its checksum; restore another copy of the backup`,
  );
};
