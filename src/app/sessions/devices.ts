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
 * Device cookies as described by OWASP: a time, an id, and a signature over both, the user and the current password. A
 * cookie is valid for one account, and for nothing once the password changes. It grants no access: it only proves that
 * the right password was entered on the device before.
 */
export const createDevices = ({ secret, now }: DevicesOptions) => {
  const signatureOf = ({ user, password = '' }: Account, at: string, id: string): string =>
    secret.sign('device', user, password, at, id);

  return {
    /** A cookie for a device on which the right password was just entered. */
    mark(account: Account): string {
      const [at, id] = [String(now()), randomSecret(12).toString('base64url')];
      return `${at}.${id}.${signatureOf(account, at, id)}`;
    },

    /** Whether a text has the form of a device cookie, so that the account is worth looking up. */
    isMark: (text: string | undefined): text is string => text !== undefined && form.test(text),

    /** The id of a known device of this account; undefined if it is unknown or expired. */
    idOf(text: string, account: Account): string | undefined {
      const [, at = '', id = '', signature = ''] = form.exec(text) ?? [];
      if (signature === '' || now() - Number(at) > limits.deviceMs) return undefined;
      const expected = Buffer.from(signatureOf(account, at, id));
      return timingSafeEqual(Buffer.from(signature), expected) ? id : undefined;
    },
  };
};

export type Devices = ReturnType<typeof createDevices>;
