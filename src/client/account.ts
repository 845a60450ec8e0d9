import { OshiError } from './error.ts';
import type { Session, User } from './objects.ts';

/** Who somebody is from now on, and the token with which to `connect`. */
export type Account = { readonly user: User; readonly session: Session; readonly token: string };

export type Registration = {
  readonly username: string;
  readonly password: string;
  readonly displayName?: string;
};

/** Opens an account on the server at `url`; rejects with an `OshiError`, `username-taken` for one. */
export const register = (
  url: string,
  { username, password, displayName }: Registration,
  fetcher: typeof fetch = fetch,
): Promise<Account> => post(`${base(url)}/v1/users`, { username, password, displayName }, fetcher);

/** Logs in to the server at `url`; rejects with an `OshiError`, `unauthenticated` for one. */
export const logIn = (
  url: string,
  { username, password }: { readonly username: string; readonly password: string },
  fetcher: typeof fetch = fetch,
): Promise<Account> => post(`${base(url)}/v1/sessions`, { username, password }, fetcher);

const base = (url: string): string => url.replace(/\/+$/, '');

const post = async (url: string, body: object, fetcher: typeof fetch): Promise<Account> => {
  let response: Response;
  try {
    response = await fetcher(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch (cause) {
    throw new OshiError(`${url} does not answer`, { code: 'unavailable', cause });
  }
  const answer = (await response.json().catch(() => ({}))) as Account & Problem;
  if (response.ok) return answer;
  const { code = 'internal', title = `status ${response.status}`, detail = title } = answer;
  const { field, retryAfter } = answer;
  throw new OshiError(detail, { code, field, retryAfter });
};

/** What an error looks like on HTTP (RFC 9457), as far as it is used here. */
type Problem = {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly field?: string;
  readonly retryAfter?: number;
};
