import { type Account, logIn, type Registration, register } from './account.ts';
import type { Page } from './client.ts';
import { type HttpOptions, type HttpRequest, httpRequest } from './http-request.ts';
import type {
  AuditEntry,
  AuditFilter,
  Circle,
  CircleEntry,
  Edit,
  History,
  Invite,
  InvitePreview,
  Member,
  MemberData,
  Message,
  Moment,
  Participant,
  Presence,
  Progress,
  ServerInfo,
  Session,
  Stream,
  Then,
  Unread,
  User,
} from './objects.ts';

/** A page of a list: starts after `cursor`, which is the `next` of the previous page. */
export type ListPage = {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
};

/** With a point in time: the past state, for the circle's owner only. */
export type AtMoment = { readonly at?: Moment | undefined };

/** A page of a list; with `next` there are more. */
export type List<Name extends string, Row> = { readonly [name in Name]: readonly Row[] } & {
  readonly next?: string;
};

/**
 * HTTP requests: accounts, sessions and lists. Commands are sent by `Client`, which retries them safely. Every call
 * rejects with an `OshiError`; one with `retryAfter` may be retried after that many ms.
 */
export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** The server's name, its limits, and who may register. */
  server(): Promise<ServerInfo> {
    return this.#get('/v1/server');
  }

  /** Creates an account; a browser receives its session cookie. */
  register(registration: Registration): Promise<Account> {
    return register(this.#options.url, registration, this.#options.fetch);
  }

  /** Logs in; a browser receives its session cookie. */
  logIn(who: { readonly username: string; readonly password: string }): Promise<Account> {
    return logIn(this.#options.url, who, this.#options.fetch);
  }

  /** Ends the caller's session; its connections are closed immediately. */
  async logOut(): Promise<void> {
    await this.#delete('/v1/sessions/current');
  }

  sessions(page: ListPage = {}): Promise<List<'sessions', Session>> {
    return this.#get('/v1/sessions', page);
  }

  /** Ends one of the user's sessions. */
  async closeSession(id: string): Promise<void> {
    await this.#delete(`/v1/sessions/${part(id)}`);
  }

  /** Ends all of the user's other sessions. */
  async closeOtherSessions(): Promise<void> {
    await this.#delete('/v1/sessions/others');
  }

  /** Also ends all other sessions. A wrong `password` is `forbidden` with that field. */
  async changePassword(password: string, newPassword: string): Promise<void> {
    await this.#ask({ method: 'PUT', path: '/v1/me/password', body: { password, newPassword } });
  }

  /** The logged-in user; rejects with `unauthenticated` without a session. */
  async me(): Promise<User> {
    return (await this.#get<{ user: User }>('/v1/me')).user;
  }

  async user(id: string): Promise<User> {
    return (await this.#get<{ user: User }>(`/v1/users/${part(id)}`)).user;
  }

  /** The user with that name; rejects with `not-found` if there is none. */
  async userByName(username: string): Promise<User> {
    return (await this.#get<{ user: User }>('/v1/users', { username })).user;
  }

  /** The existing users among at most 100 ids. */
  async users(ids: readonly string[]): Promise<readonly User[]> {
    return (await this.#get<{ users: User[] }>('/v1/users', { ids: ids.join(',') })).users;
  }

  /** The user's circles, without direct conversations. */
  circles(page: ListPage = {}): Promise<List<'circles', CircleEntry>> {
    return this.#get('/v1/circles', page);
  }

  /** The public circles whose names match every word of `q`; all of them without `q`. */
  directory({
    q,
    ...page
  }: ListPage & { readonly q?: string | undefined } = {}): Promise<List<'circles', Circle>> {
    return this.#get('/v1/circles', { directory: 'public', q, ...page });
  }

  directs(page: ListPage = {}): Promise<List<'circles', CircleEntry>> {
    return this.#get('/v1/directs', page);
  }

  async circle(id: string): Promise<Circle> {
    return (await this.#get<{ circle: Circle }>(`/v1/circles/${part(id)}`)).circle;
  }

  /** A past state of a circle, for its owner only; rejects with `not-found` before its creation. */
  circleThen(id: string, at: Moment): Promise<{ readonly circle: Circle; readonly moment: Then }> {
    return this.#get(`/v1/circles/${part(id)}`, { at });
  }

  members(circle: string, page: ListPage & AtMoment = {}): Promise<List<'members', Member>> {
    return this.#get(`/v1/circles/${part(circle)}/members`, page);
  }

  /** The user's own member data in a circle. */
  memberData(circle: string): Promise<MemberData> {
    return this.#get(`/v1/circles/${part(circle)}/members/me/data`);
  }

  presence(circle: string): Promise<Presence> {
    return this.#get(`/v1/circles/${part(circle)}/presence`);
  }

  streams(circle: string, page: ListPage & AtMoment = {}): Promise<List<'streams', Stream>> {
    return this.#get(`/v1/circles/${part(circle)}/streams`, page);
  }

  invites(circle: string, page: ListPage = {}): Promise<List<'invites', Invite>> {
    return this.#get(`/v1/circles/${part(circle)}/invites`, page);
  }

  /** The circle of an invite; rejects with `invite-invalid`. */
  invite(code: string): Promise<InvitePreview> {
    return this.#get(`/v1/invites/${part(code)}`);
  }

  /** A page of messages, ascending; the newest by default. */
  history(s: string, { before, after, around, limit, at }: Page & AtMoment = {}): Promise<History> {
    return this.#get(`${pathOf(s)}/messages`, { before, after, around, limit, at });
  }

  /** The audit trail of a circle, newest first, and the users in it; for its owner only. */
  audit(
    circle: string,
    query: ListPage & AuditFilter = {},
  ): Promise<List<'entries', AuditEntry> & { readonly users: readonly Participant[] }> {
    return this.#get(`/v1/circles/${part(circle)}/audit`, query);
  }

  /** The progress of the projections in a circle's partition; for its owner only. */
  async projections(circle: string): Promise<readonly Progress[]> {
    const path = `/v1/circles/${part(circle)}/projections`;
    return (await this.#get<{ projections: Progress[] }>(path)).projections;
  }

  /** One message, and the users in it. */
  message(
    s: string,
    id: string,
  ): Promise<{ readonly message: Message; readonly users: readonly Participant[] }> {
    return this.#get(`${pathOf(s)}/messages/${part(id)}`);
  }

  /** The previous texts of a message, oldest first. */
  edits(s: string, id: string, page: ListPage = {}): Promise<List<'edits', Edit>> {
    return this.#get(`${pathOf(s)}/messages/${part(id)}/edits`, page);
  }

  /** The pinned messages of a stream, and the users in them. */
  pins(
    s: string,
    page: ListPage = {},
  ): Promise<List<'messages', Message> & { readonly users: readonly Participant[] }> {
    return this.#get(`${pathOf(s)}/pins`, page);
  }

  /** The user's streams with unread messages. */
  unread(page: ListPage = {}): Promise<List<'streams', Unread>> {
    return this.#get('/v1/unread', page);
  }

  async #get<Answer>(path: string, query: HttpRequest['query'] = {}): Promise<Answer> {
    return (await this.#ask({ method: 'GET', path, query })) as Answer;
  }

  #delete(path: string): Promise<unknown> {
    return this.#ask({ method: 'DELETE', path });
  }

  #ask(request: HttpRequest): Promise<unknown> {
    return httpRequest(this.#options, request);
  }
}

/** The rows of a list, page by page: `every((page) => http.members(circle, page), 'members')`. */
export async function* every<Name extends string, Row>(
  read: (page: ListPage) => Promise<List<Name, Row>>,
  name: Name,
): AsyncGenerator<Row, void> {
  let cursor: string | undefined;
  do {
    const found = await read({ cursor });
    yield* found[name];
    cursor = found.next;
  } while (cursor !== undefined);
}

/** All rows of a list: `wholeList((page) => http.members(circle, page), 'members')`. */
export const wholeList = async <Name extends string, Row>(
  read: (page: ListPage) => Promise<List<Name, Row>>,
  name: Name,
): Promise<Row[]> => {
  const rows: Row[] = [];
  for await (const row of every(read, name)) rows.push(row);
  return rows;
};

const part = (text: string): string => encodeURIComponent(text);

const pathOf = (s: string): string => {
  const [circle = '', stream = ''] = s.split('/');
  return `/v1/circles/${part(circle)}/streams/${part(stream)}`;
};
