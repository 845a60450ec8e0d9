import { uuid7 } from '../../../src/events/ids.ts';
import type { Entry } from '../../../src/history/entries.ts';
import { until } from '../checkers/waiting.ts';
import {
  type HttpAnswer,
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../fixtures/server-people.ts';

export type AuditBody = {
  readonly entries: readonly Entry[];
  readonly users: readonly { readonly id: string }[];
  readonly next?: string;
};

export type AuditQuery = Readonly<Record<string, string | number>>;

/** Where the audit of a circle is asked for. */
export const auditOf = (circle: string, query: AuditQuery = {}): string => {
  const words = Object.entries(query).map(([name, value]) => [name, String(value)]);
  return `/v1/circles/${circle}/audit?${new URLSearchParams(Object.fromEntries(words))}`;
};

/** A page of an audit. */
export const auditPage = async (
  owner: Person,
  circle: string,
  query: AuditQuery = {},
): Promise<AuditBody> => {
  const { status, text, body } = await owner.call(`GET ${auditOf(circle, query)}`);
  if (status !== 200) throw new Error(`the audit answered ${status} ${text}`);
  return body as unknown as AuditBody;
};

/** The entries of all pages of an audit, one after the other. */
export const auditPages = async (
  owner: Person,
  circle: string,
  query: AuditQuery = {},
): Promise<Entry[]> => {
  const entries: Entry[] = [];
  let cursor = {};
  for (;;) {
    const page = await auditPage(owner, circle, { ...query, ...cursor });
    entries.push(...page.entries);
    if (page.next === undefined) return entries;
    cursor = { cursor: page.next };
  }
};

/** A file of an audit, once there is room for one more. */
export const auditFile = async (
  owner: Person,
  circle: string,
  query: AuditQuery,
): Promise<HttpAnswer> => {
  let answer: HttpAnswer | undefined;
  await until(async () => {
    answer = await owner.call(`GET ${auditOf(circle, query)}`);
    return answer.status !== 429;
  }, 'room for an export');
  if (answer?.status !== 200) throw new Error(`the export answered ${answer?.text}`);
  return answer;
};

const done = async (answer: Promise<HttpAnswer>): Promise<HttpAnswer['body']> => {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return body;
};

const thumb = encodeURIComponent('👍');

/** A circle in which something of every kind has happened but its end. */
export const playCircle = async (url: string) => {
  const [ann, ben, eve] = (await registerAll(url, ['ann', 'ben', 'eve'])) as [
    Person,
    Person,
    Person,
  ];
  const circle = await makeCircle(ann, [ben], 'public');
  const path = `/v1/circles/${circle}`;
  const change = (more: object) => done(ann.call(`PATCH ${path}`, more));
  await change({ name: 'Coffee', about: 'beans', visibility: 'private' });
  await change({ about: null });
  const { invite } = await done(ann.call(`POST ${path}/invites`, { maxUses: 3 }));
  const code = invite?.code ?? '';
  await done(eve.call(`PUT ${path}/members/me`, { invite: code }));
  const own = { nickname: 'Evie', data: { secret: 'mine alone' } };
  await done(eve.call(`PATCH ${path}/members/me/data`, own));
  const stream = uuid7();
  const changeStream = (more: object) => done(ann.call(`PATCH ${path}/streams/${stream}`, more));
  await done(ann.call(`PUT ${path}/streams/${stream}`, { name: 'beans', topic: 'all' }));
  await changeStream({ name: 'roasts', topic: null });
  await changeStream({ archived: true });
  await changeStream({ archived: false });
  const [kept, gone] = [uuid7(), uuid7()];
  await done(post(ben, circle, { id: kept, text: 'first' }));
  await done(post(ben, circle, { id: gone, text: 'never said' }));
  const message = `${messagesOf(circle)}/${kept}`;
  await done(ben.call(`PATCH ${message}`, { text: 'second' }));
  await done(ben.call(`PATCH ${message}`, { text: 'third' }));
  for (const deed of [`reactions/${thumb}`, 'pin']) {
    await done(ann.call(`PUT ${message}/${deed}`));
    await done(ann.call(`DELETE ${message}/${deed}`));
  }
  await done(ann.call(`DELETE ${messagesOf(circle)}/${gone}`));
  await done(ann.call(`DELETE ${path}/members/${eve.id}`));
  await done(ben.call(`DELETE ${path}/members/me`));
  await done(ann.call(`DELETE ${path}/invites/${code}`));
  await done(ann.call(`DELETE ${path}/streams/${stream}`));
  return { ann, ben, eve, circle, stream, kept, gone, code };
};

/** What a file in CSV holds (RFC 4180), by the names in its header. */
export const csvRows = (text: string): Record<string, string>[] => {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) throw new Error(`no CSV from ${cell.lastIndex} on`);
    rows.at(-1)?.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '');
    if (found[3] === '\r\n') rows.push([]);
  }
  if (rows.pop()?.length !== 0) throw new Error('the last line has no end');
  const [heads = [], ...others] = rows;
  return others.map((row) => {
    if (row.length !== heads.length) throw new Error(`${row.length} cells: ${row.join('|')}`);
    return Object.fromEntries(heads.map((head, at) => [head, row[at] ?? '']));
  });
};
