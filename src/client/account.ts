import { httpRequest } from './http-request.ts';
import type { Session, User } from './objects.ts';

/** The user, and the token for `connect`; a browser also receives a cookie. */
export type Account = { readonly user: User; readonly session: Session; readonly token: string };

export type Registration = {
  readonly username: string;
  readonly password: string;
  readonly displayName?: string | undefined;
  /** The code of an invite: the new user joins its circle. */
  readonly invite?: string | undefined;
};

/** Creates an account on the server at `url`; rejects with an `OshiError`, such as `username-taken`. */
export const register = async (
  url: string,
  { username, password, displayName, invite }: Registration,
  fetcher: typeof fetch = fetch,
): Promise<Account> => {
  const body = { username, password, displayName, invite };
  const request = { method: 'POST', path: '/v1/users', body } as const;
  return (await httpRequest({ url, fetch: fetcher }, request)) as Account;
};

/** Logs in to the server at `url`; rejects with an `OshiError`, such as `unauthenticated`. */
export const logIn = async (
  url: string,
  { username, password }: { readonly username: string; readonly password: string },
  fetcher: typeof fetch = fetch,
): Promise<Account> => {
  const request = { method: 'POST', path: '/v1/sessions', body: { username, password } } as const;
  return (await httpRequest({ url, fetch: fetcher }, request)) as Account;
};
