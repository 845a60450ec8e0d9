import { timingSafeEqual } from 'node:crypto';
import type { Account } from '../../actors/accounts.ts';
import { randomSecret } from '../../runtime/random.ts';
import { limits } from '../limits/limits.ts';
import type { ServerSecret } from './server-secret.ts';

export type DevicesOptions = {
  readonly secret: ServerSecret;
  readonly now: () => number;
};

const form = /^(\d{1,16})\.([\w-]{16})\.([\w-]{43})$/;

/**
 * Marks of the devices on which people have logged in, OWASP's device cookies: a time, an id and a signature over both,
 * the user and the password that counts. So a mark is good for one account, and for nothing once its password changes.
 * It opens nothing: what it says is that the right password was known there before.
 */
export const createDevices = ({ secret, now }: DevicesOptions) => {
  const signatureOf = ({ user, password = '' }: Account, at: string, id: string): string =>
    secret.sign('device', user, password, at, id);

  return {
    /** A mark for a device on which the right password was just given. */
    mark(account: Account): string {
      const [at, id] = [String(now()), randomSecret(12).toString('base64url')];
      return `${at}.${id}.${signatureOf(account, at, id)}`;
    },

    /** Whether something may be a mark, so that it is worth looking up the account. */
    isMark: (text: string | undefined): text is string => text !== undefined && form.test(text),

    /** The id of a device that was marked for this account; undefined if it was not, or too long ago. */
    idOf(text: string, account: Account): string | undefined {
      const [, at = '', id = '', signature = ''] = form.exec(text) ?? [];
      if (signature === '' || now() - Number(at) > limits.deviceMs) return undefined;
      const expected = Buffer.from(signatureOf(account, at, id));
      return timingSafeEqual(Buffer.from(signature), expected) ? id : undefined;
    },
  };
};

export type Devices = ReturnType<typeof createDevices>;
