import { createHmac, createSecretKey } from 'node:crypto';
import type { Vault } from '../../events/vault.ts';
import { randomSecret } from '../../runtime/random.ts';

const keyInVault = 'server.secret';

/** What a server derives from the secret of its installation, which all nodes share and no client knows. */
export type ServerSecret = {
  /** When the secret was made, in ms since 1970: no node of this version ran before. */
  readonly madeAt: number;
  /** HMAC-SHA256 of these parts in base64url. The first part says what for, so that no use can stand for another. */
  sign(...parts: readonly [purpose: string, ...string[]]): string;
};

/** The secret of this installation, made if there is none. */
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
