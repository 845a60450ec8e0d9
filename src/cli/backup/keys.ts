import { readFile } from 'node:fs/promises';
import type { Decryption, Encryption } from '../../backup/vault-file.ts';

export type EncryptionWords = {
  readonly recipient?: readonly string[];
  readonly passphraseFile?: string;
};

export type DecryptionWords = {
  readonly identity?: string;
  readonly passphraseFile?: string;
  readonly newVault?: boolean;
};

const linesIn = async (path: string, what: string): Promise<string[]> => {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`the ${what} ${path} cannot be read: ${(cause as Error).message}`, { cause });
  });
  return text.split(/\r?\n/);
};

/** The passphrase is the first line of its file. */
const passphraseIn = async (path: string): Promise<{ readonly passphrase: string }> => {
  const [passphrase] = await linesIn(path, 'passphrase file');
  if (!passphrase) throw new Error(`the first line of the passphrase file ${path} is empty`);
  return { passphrase };
};

export const encryptionOf = async (words: EncryptionWords): Promise<Encryption> => {
  const { recipient: recipients = [], passphraseFile } = words;
  if (passphraseFile !== undefined && recipients.length === 0) return passphraseIn(passphraseFile);
  if (passphraseFile === undefined && recipients.length > 0) return { recipients };
  throw new Error(
    'the vault with the password hashes is encrypted: give --passphrase-file, or one or more --recipient',
  );
};

/** Undefined: the vault is not restored. */
export const decryptionOf = async (words: DecryptionWords): Promise<Decryption | undefined> => {
  const { identity, passphraseFile, newVault = false } = words;
  const given = [identity, passphraseFile].filter((file) => file !== undefined);
  if (given.length + Number(newVault) !== 1) {
    throw new Error(
      'the vault with the password hashes is encrypted: give --passphrase-file or --identity, or --new-vault to go on without the passwords',
    );
  }
  if (identity !== undefined) {
    const lines = await linesIn(identity, 'identity file');
    const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
    if (identities.length === 0) throw new Error(`the identity file ${identity} holds no identity`);
    return { identities };
  }
  return passphraseFile === undefined ? undefined : passphraseIn(passphraseFile);
};
