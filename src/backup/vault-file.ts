import { Decrypter, Encrypter } from 'age-encryption';
import { BackupDamaged } from './damage.ts';

/** How the secrets of a backup are encrypted: for the holders of keys, or with a passphrase. */
export type Encryption =
  | { readonly recipients: readonly string[] }
  | { readonly passphrase: string };

/** How they are decrypted: with secret keys, or with a passphrase. */
export type Decryption =
  | { readonly identities: readonly string[] }
  | { readonly passphrase: string };

/** The values of a vault by their keys. */
export type Secrets = ReadonlyMap<string, string>;

/** Prepares the encryption; throws with one line if a recipient is invalid. */
export const encrypterOf = (encryption: Encryption): Encrypter => {
  const encrypter = new Encrypter();
  if ('passphrase' in encryption) {
    encrypter.setPassphrase(encryption.passphrase);
    return encrypter;
  }
  for (const recipient of encryption.recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch (cause) {
      throw new Error(
        `${recipient} is not a recipient of age; age-keygen prints one, age1…, with each identity`,
        { cause },
      );
    }
  }
  return encrypter;
};

/** Prepares the decryption; throws with one line if an identity is invalid. */
export const decrypterOf = (decryption: Decryption): Decrypter => {
  const decrypter = new Decrypter();
  if ('passphrase' in decryption) {
    decrypter.addPassphrase(decryption.passphrase);
    return decrypter;
  }
  for (const identity of decryption.identities) {
    try {
      decrypter.addIdentity(identity);
    } catch (cause) {
      // It is secret, so the error does not repeat it.
      const message = 'the identity file holds a line that is not an identity of age';
      throw new Error(`${message}: each starts with AGE-SECRET-KEY-`, { cause });
    }
  }
  return decrypter;
};

/** Encrypts secrets in the format of age (age-encryption.org/v1). */
export const encryptSecrets = (secrets: Secrets, encrypter: Encrypter): Promise<Uint8Array> =>
  encrypter.encrypt(JSON.stringify(Object.fromEntries(secrets)));

/** Decrypts secrets; rejects with one line if the passphrase or the identity is another one. */
export const decryptSecrets = async (
  content: Uint8Array,
  decrypter: Decrypter,
  file: string,
): Promise<Secrets> => {
  const text = await decrypter.decrypt(content, 'text').catch((cause: unknown) => {
    throw new Error(
      `${file} cannot be decrypted: it was encrypted with another passphrase or for another recipient`,
      { cause },
    );
  });
  try {
    return new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  } catch (cause) {
    throw new BackupDamaged(`${file} is damaged: it holds no secrets`, { cause });
  }
};
