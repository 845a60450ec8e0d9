import { withoutSlashes } from './address.ts';
import { OshiError } from './error.ts';

/** The server and the credentials: a token, or without one the browser's session cookie. */
export type HttpOptions = {
  /** The server's address, as in a browser: `https://chat.example.org`. */
  readonly url: string;
  readonly token?: string | undefined | (() => string | undefined);
  /** The id of the expected user: a request with another user's session is refused with `forbidden`. */
  readonly user?: string | undefined;
  /** Called when the session belongs to another user, as after a log-in in another tab of the browser. */
  readonly onOtherUser?: () => void;
  readonly fetch?: typeof fetch;
};

/** The header that names the expected user. */
const userHeader = 'Oshi-User';

export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Starts with `/v1`; its segments are escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
};

/** The answer's body; undefined if it has none. Rejects with an `OshiError`. */
export const httpRequest = async (options: HttpOptions, request: HttpRequest): Promise<unknown> => {
  const url = `${withoutSlashes(options.url)}${request.path}${queryOf(request.query)}`;
  const { fetch: fetcher = fetch } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetcher(url, parametersOf(options, request));
    text = await response.text();
  } catch (cause) {
    throw new OshiError(`${url} does not answer`, { code: 'unavailable', cause });
  }
  const body = text === '' ? undefined : parsed(text);
  if (response.ok && body !== null) return body;
  const error = errorOf(response.status, body as Problem | undefined | null);
  if (error.code === 'forbidden' && error.field === userHeader) options.onOtherUser?.();
  throw error;
};

const parametersOf = ({ token, user }: HttpOptions, { method, body }: HttpRequest): RequestInit => {
  const bearer = typeof token === 'function' ? token() : token;
  return {
    method,
    headers: {
      ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
      ...(user !== undefined && { [userHeader]: user }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
};

const queryOf = (query: HttpRequest['query'] = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, `${value}`]))}`;
};

/** The JSON in a text; null if it is invalid, as when a proxy answers. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** An error over HTTP (RFC 9457), as far as it is used here. */
type Problem = {
  readonly code?: string;
  readonly title?: string;
  readonly detail?: string;
  readonly field?: string;
  readonly retryAfter?: number;
};

/** Statuses of a proxy whose server is unavailable, without a code. */
const proxyCodes: Readonly<Record<number, string>> = {
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
};

const errorOf = (status: number, problem: Problem | undefined | null): OshiError => {
  const byStatus = proxyCodes[status] ?? 'internal';
  const { code = byStatus, title = `status ${status}`, detail = title } = problem ?? {};
  return new OshiError(detail, { code, field: problem?.field, retryAfter: problem?.retryAfter });
};
