import { httpRequest } from './http-request.ts';
import type { Session, User } from './objects.ts';

/** Who somebody is from now on, and the token with which to `connect`; a browser has a cookie as well. */
export type Account = { readonly user: User; readonly session: Session; readonly token: string };

export type Registration = {
  readonly username: string;
  readonly password: string;
  readonly displayName?: string | undefined;
};

/** Opens an account on the server at `url`; rejects with an `OshiError`, `username-taken` for one. */
export const register = async (
  url: string,
  { username, password, displayName }: Registration,
  fetcher: typeof fetch = fetch,
): Promise<Account> => {
  const body = { username, password, displayName };
  const request = { method: 'POST', path: '/v1/users', body } as const;
  return (await httpRequest({ url, fetch: fetcher }, request)) as Account;
};

/** Logs in to the server at `url`; rejects with an `OshiError`, `unauthenticated` for one. */
export const logIn = async (
  url: string,
  { username, password }: { readonly username: string; readonly password: string },
  fetcher: typeof fetch = fetch,
): Promise<Account> => {
  const request = { method: 'POST', path: '/v1/sessions', body: { username, password } } as const;
  return (await httpRequest({ url, fetch: fetcher }, request)) as Account;
};
