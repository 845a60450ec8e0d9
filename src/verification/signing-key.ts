import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import type { Vault } from '../events/vault.ts';

/** The key pair that signs a server's checkpoints; the private half never leaves the vault and the process. */
export type SigningKey = {
  readonly privateKey: KeyObject;
  /** 32 bytes, base64url. */
  readonly publicKey: string;
};

const keyInVault = 'checkpoint.key';

const keyOf = (kept: string): SigningKey => {
  const der = Buffer.from(kept, 'base64url');
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, publicKey: x };
};

/** The key of this installation; undefined if no server has made one yet. */
export const signingKeyIn = async (vault: Pick<Vault, 'get'>): Promise<SigningKey | undefined> => {
  const kept = await vault.get(keyInVault);
  return kept === undefined ? undefined : keyOf(kept);
};

/** The key of this installation, generated if there is none. */
export const ensureSigningKey = async (vault: Vault): Promise<SigningKey> => {
  const known = await signingKeyIn(vault);
  if (known) return known;
  const { privateKey } = generateKeyPairSync('ed25519');
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  return keyOf(await vault.ensure(keyInVault, der.toString('base64url')));
};
