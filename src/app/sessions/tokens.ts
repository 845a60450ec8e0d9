import { hash } from 'node:crypto';
import { isUuid, type UserId } from '../../events/ids.ts';
import { randomSecret } from '../../runtime/random.ts';

/** A token as received: the secret, and the claimed user; tokens of earlier versions name none. */
export type Token = { readonly secret: string; readonly user: UserId | undefined };

const secretBytes = 32;
const separator = '.';

/** 256 random bits, base64url. */
export const newSecret = (): string => randomSecret(secretBytes).toString('base64url');

/** SHA-256 of a secret in base64url, as stored in the log and the read models. */
export const digestOf = (secret: string): string => hash('sha256', secret, 'base64url');

/**
 * The token of a session: `<secret>.<user>`. The user is part of it so that the session can be found in the user's log
 * while the read models are unavailable. Only the secret authenticates.
 */
export const tokenOf = (secret: string, user: UserId): string => `${secret}${separator}${user}`;

/** Parses a token; undefined if it is malformed. */
export const parseToken = (text: string): Token | undefined => {
  const [secret = '', user, ...more] = text.split(separator);
  if (more.length > 0 || (user !== undefined && !isUuid(user))) return undefined;
  return { secret, user: user as UserId | undefined };
};
