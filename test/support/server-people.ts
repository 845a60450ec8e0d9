import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Circle, Message, Stream, User } from '../../src/client/objects.ts';
import { uuid7 } from '../../src/events/ids.ts';

/** What bodies of answers may hold; each answer holds a part of it. */
export type AnswerBody = Partial<{
  code: string;
  field: string;
  retryAfter: number;
  status: number;
  token: string;
  session: { id: string; current: boolean };
  sessions: { id: string; current: boolean; userAgent?: string }[];
  user: User;
  users: User[];
  circle: Circle;
  circles: Circle[];
  members: { user: User; joinedAt: number }[];
  stream: Stream;
  streams: Stream[];
  invite: { code: string; uses: number; expiresAt?: number };
  invites: { code: string; uses: number; expiresAt?: number }[];
  message: Message;
  messages: Message[];
  edits: { at: number; text: string }[];
  more: { before: boolean; after: boolean };
  read: number;
  next: string;
  id: string;
  n: number;
  m: number;
  at: number;
}>;

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Empty where the answer has no body. */
  readonly body: AnswerBody;
};

export type CallOptions = {
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request, named as in `GET /v1/me`. Whatever the status, it resolves. */
export const call = async (
  url: string,
  request: string,
  { token, body, raw, headers = {} }: CallOptions = {},
): Promise<HttpAnswer> => {
  const [method = '', path = ''] = request.split(' ');
  const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(sent !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent !== undefined && { body: sent }),
    redirect: 'manual',
  });
  const text = await answer.text();
  const isJson = /[/+]json\b/.test(answer.headers.get('content-type') ?? '');
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: isJson ? (JSON.parse(text) as AnswerBody) : {},
  };
};

/** Somebody with an account. */
export type Person = {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  readonly session: string;
  /** A request as this person. */
  call(request: string, body?: unknown, headers?: Record<string, string>): Promise<HttpAnswer>;
};

export const password = 'correct horse battery';

export const personOf = (url: string, { user, token = '', session }: AnswerBody): Person => ({
  id: user?.id ?? '',
  username: user?.username ?? '',
  token,
  session: session?.id ?? '',
  call: (request, body, headers = {}) => call(url, request, { token, body, headers }),
});

/** Repeats a request while the server has no time for it, as its answer says. */
const patiently = async (ask: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    await sleep(answer.body.retryAfter);
  }
};

/** Registers somebody under a name of their own. */
export const register = async (url: string, name = 'ann'): Promise<Person> => {
  const username = `${name}-${randomUUID().slice(0, 12)}`;
  const body = { username, password };
  const enter = (path: string) => call(url, `POST /v1/${path}`, { body });
  let answer = await enter('users');
  // The account may be there, and only the session not be shown yet.
  if (answer.status === 503) answer = await patiently(() => enter('sessions'));
  if (answer.status !== 201)
    throw new Error(`registering ${username}: ${answer.status} ${answer.text}`);
  return personOf(url, answer.body);
};

/** Resolves when everybody is shown what these people were answered. */
export const everybodySees = async (...people: readonly Person[]): Promise<void> => {
  for (const person of people) await patiently(() => person.call('GET /v1/me'));
};

/** Registers several people. */
export const registerAll = (url: string, names: readonly string[]): Promise<Person[]> =>
  Promise.all(names.map((name) => register(url, name)));

/** A circle of the owner's, which the others have joined if it is public; its id. */
export const makeCircle = async (
  owner: Person,
  others: readonly Person[] = [],
  visibility: 'public' | 'private' = 'public',
): Promise<string> => {
  const id = uuid7();
  const made = await owner.call(`PUT /v1/circles/${id}`, { name: 'Tea', visibility });
  if (made.status !== 201) throw new Error(`making a circle: ${made.status} ${made.text}`);
  for (const other of others) {
    const joined = await other.call(`PUT /v1/circles/${id}/members/me`, {});
    if (joined.status !== 201) throw new Error(`joining: ${joined.status} ${joined.text}`);
  }
  return id;
};

/** Where a circle's first stream keeps its messages on HTTP. */
export const messagesOf = (circle: string): string =>
  `/v1/circles/${circle}/streams/${circle}/messages`;

/** Posts in a circle's first stream; the answer. */
export const post = (
  author: Person,
  circle: string,
  { text = 'hello', id = uuid7() }: { readonly text?: string; readonly id?: string } = {},
): Promise<HttpAnswer> => author.call(`PUT ${messagesOf(circle)}/${id}`, { text });
