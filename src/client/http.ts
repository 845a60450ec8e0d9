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
  Session,
  Stream,
  Then,
  Unread,
  User,
} from './objects.ts';

/** Which part of a list: what follows `cursor`, which is the `next` of the part before. */
export type ListPage = {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
};

/** With a moment: as it was then, for the circle's owner alone. */
export type AtMoment = { readonly at?: Moment | undefined };

/** A part of a list; with `next` there is more. */
export type List<Name extends string, Row> = { readonly [name in Name]: readonly Row[] } & {
  readonly next?: string;
};

/**
 * What is asked over HTTP: accounts, sessions and lists. Commands are the `Client`'s, since it repeats them safely.
 * Every call rejects with an `OshiError`; one with `retryAfter` may succeed after so many ms.
 */
export class Http {
  readonly #options: HttpOptions;

  constructor(options: HttpOptions) {
    this.#options = options;
  }

  /** Opens an account; a browser has its session cookie from then on. */
  register(registration: Registration): Promise<Account> {
    return register(this.#options.url, registration, this.#options.fetch);
  }

  /** Logs in; a browser has its session cookie from then on. */
  logIn(who: { readonly username: string; readonly password: string }): Promise<Account> {
    return logIn(this.#options.url, who, this.#options.fetch);
  }

  /** Ends the session that asks; its connections are closed at once. */
  async logOut(): Promise<void> {
    await this.#delete('/v1/sessions/current');
  }

  sessions(page: ListPage = {}): Promise<List<'sessions', Session>> {
    return this.#get('/v1/sessions', page);
  }

  /** Ends one session of one's own. */
  async closeSession(id: string): Promise<void> {
    await this.#delete(`/v1/sessions/${part(id)}`);
  }

  /** Ends all sessions but the one that asks. */
  async closeOtherSessions(): Promise<void> {
    await this.#delete('/v1/sessions/others');
  }

  /** Ends all other sessions, too. A wrong `password` is `forbidden` with that field. */
  async changePassword(password: string, newPassword: string): Promise<void> {
    await this.#ask({ method: 'PUT', path: '/v1/me/password', body: { password, newPassword } });
  }

  /** Who asks; rejects with `unauthenticated` if nobody is logged in. */
  async me(): Promise<User> {
    return (await this.#get<{ user: User }>('/v1/me')).user;
  }

  async user(id: string): Promise<User> {
    return (await this.#get<{ user: User }>(`/v1/users/${part(id)}`)).user;
  }

  /** The person of that name; rejects with `not-found` if there is none. */
  async userByName(username: string): Promise<User> {
    return (await this.#get<{ user: User }>('/v1/users', { username })).user;
  }

  /** Those that exist, of at most 100. */
  async users(ids: readonly string[]): Promise<readonly User[]> {
    return (await this.#get<{ users: User[] }>('/v1/users', { ids: ids.join(',') })).users;
  }

  /** The circles that one is in, without direct conversations. */
  circles(page: ListPage = {}): Promise<List<'circles', CircleEntry>> {
    return this.#get('/v1/circles', page);
  }

  /** The public circles whose name holds every word of `q`; all of them without one. */
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

  /** A circle as it was, for its owner alone; rejects with `not-found` before it began. */
  circleThen(id: string, at: Moment): Promise<{ readonly circle: Circle; readonly moment: Then }> {
    return this.#get(`/v1/circles/${part(id)}`, { at });
  }

  members(circle: string, page: ListPage & AtMoment = {}): Promise<List<'members', Member>> {
    return this.#get(`/v1/circles/${part(circle)}/members`, page);
  }

  /** What one has set of oneself in a circle. */
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

  /** What an invite leads to; rejects with `invite-invalid` if it leads nowhere. */
  invite(code: string): Promise<InvitePreview> {
    return this.#get(`/v1/invites/${part(code)}`);
  }

  /** A page of messages, ascending; without a place the newest. */
  history(s: string, { before, after, around, limit, at }: Page & AtMoment = {}): Promise<History> {
    return this.#get(`${pathOf(s)}/messages`, { before, after, around, limit, at });
  }

  /** What happened in a circle, newest first, and the people who stand in it; for its owner alone. */
  audit(
    circle: string,
    asked: ListPage & AuditFilter = {},
  ): Promise<List<'entries', AuditEntry> & { readonly users: readonly Participant[] }> {
    return this.#get(`/v1/circles/${part(circle)}/audit`, asked);
  }

  /** How far the projections have come with what happened in a circle; for its owner alone. */
  async projections(circle: string): Promise<readonly Progress[]> {
    const path = `/v1/circles/${part(circle)}/projections`;
    return (await this.#get<{ projections: Progress[] }>(path)).projections;
  }

  /** One message, and the people who stand in it. */
  message(
    s: string,
    id: string,
  ): Promise<{ readonly message: Message; readonly users: readonly Participant[] }> {
    return this.#get(`${pathOf(s)}/messages/${part(id)}`);
  }

  /** The texts that a message had before, oldest first. */
  edits(s: string, id: string, page: ListPage = {}): Promise<List<'edits', Edit>> {
    return this.#get(`${pathOf(s)}/messages/${part(id)}/edits`, page);
  }

  /** What is pinned in a stream, and the people who stand in it. */
  pins(
    s: string,
    page: ListPage = {},
  ): Promise<List<'messages', Message> & { readonly users: readonly Participant[] }> {
    return this.#get(`${pathOf(s)}/pins`, page);
  }

  /** Those of one's streams that have something unread. */
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

/** A whole list, part after part: `every((page) => http.members(circle, page), 'members')`. */
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

const part = (text: string): string => encodeURIComponent(text);

const pathOf = (s: string): string => {
  const [circle = '', stream = ''] = s.split('/');
  return `/v1/circles/${part(circle)}/streams/${part(stream)}`;
};
