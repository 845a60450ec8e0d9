import { createHmac, createSecretKey } from 'node:crypto';
import type { Vault } from '../../events/vault.ts';
import { randomSecret } from '../../runtime/random.ts';

const keyInVault = 'server.secret';

/** Signatures by the secret of the installation, which all nodes share and no client knows. */
export type ServerSecret = {
  /** When the secret was created, in ms since 1970: no node of this version ran before. */
  readonly madeAt: number;
  /**
   * HMAC-SHA256 of the parts in base64url. The first part is the purpose, so that a signature is valid for one purpose
   * only.
   */
  sign(...parts: readonly [purpose: string, ...string[]]): string;
};

/** The secret of this installation, created if there is none. */
export const openServerSecret = async (
  vault: Pick<Vault, 'ensure'>,
  now: () => number,
): Promise<ServerSecret> => {
  const fresh = `${now()}.${randomSecret(32).toString('base64url')}`;
  const [madeAt, secret = ''] = (await vault.ensure(keyInVault, fresh)).split('.');
  const key = createSecretKey(secret, 'base64url');
  return {
    madeAt: Number(madeAt),
    sign: (...parts) => createHmac('sha256', key).update(JSON.stringify(parts)).digest('base64url'),
  };
};
