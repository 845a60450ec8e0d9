import type { Progress } from '../../../src/client/objects.ts';
import { call, type Person, personOf } from '../server-people.ts';
import { runOshi } from '../server-process.ts';
import { until } from '../waiting.ts';
import type { Scenario } from './scenario.ts';

/** What a server answers, by who asks for what: `person0 GET /v1/me`. */
export type Answers = Readonly<Record<string, unknown>>;

/** A whole list, part by part. */
const listed = async (person: Person, path: string, name: string): Promise<unknown[]> => {
  const rows: unknown[] = [];
  let cursor = '';
  do {
    const at = `${path}${path.includes('?') ? '&' : '?'}limit=200${cursor}`;
    const { status, text } = await person.call(`GET ${at}`);
    if (status !== 200) throw new Error(`GET ${at}: ${status} ${text}`);
    const { [name]: part, next } = JSON.parse(text) as Record<string, unknown[]> & {
      next?: string;
    };
    rows.push(...(part ?? []));
    cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(next)}`;
  } while (cursor !== '');
  return rows;
};

/** A whole history, page by page. */
const messages = async (person: Person, s: string, query = ''): Promise<unknown[]> => {
  const [circle, stream] = s.split('/');
  const path = `/v1/circles/${circle}/streams/${stream}/messages`;
  const rows: { m: number }[] = [];
  for (let isMore = true; isMore; ) {
    const after = rows.at(-1)?.m ?? 0;
    const { status, text, body } = await person.call(
      `GET ${path}?limit=200&after=${after}${query}`,
    );
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    rows.push(...((body.messages ?? []) as { m: number }[]));
    isMore = body.more?.after ?? false;
  }
  return rows;
};

const logIn = async (url: string, body: Scenario['people'][number]): Promise<Person> => {
  const answer = await call(url, 'POST /v1/sessions', { body });
  if (answer.status !== 201) throw new Error(`${body.username}: ${answer.status} ${answer.text}`);
  return personOf(url, answer.body);
};

/** Logs the first three people in. */
export const enter = (url: string, { people }: Scenario): Promise<Person[]> =>
  Promise.all(people.slice(0, 3).map((person) => logIn(url, person)));

const plain = async (person: Person, path: string): Promise<unknown> => {
  const { status, text } = await person.call(`GET ${path}`);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${text}`);
  return JSON.parse(text);
};

/** Resolves when the read models have applied what happened in a circle, as its owner sees it. */
const isCaughtUp = (owner: Person, circle: string): Promise<void> =>
  until(async () => {
    const { status, text } = await owner.call(`GET /v1/circles/${circle}/projections`);
    if (status !== 200) return false;
    const { projections } = JSON.parse(text) as { projections: Progress[] };
    return projections.every(({ lag }) => lag === 0);
  });

/** Where an event stands differs from log to log. */
const withoutPosition = (entries: unknown[]): unknown[] =>
  entries.map((entry) => ({ ...(entry as object), position: undefined }));

/** All that three people are answered about themselves, their circles and their streams. */
export const answersOf = async (url: string, scenario: Scenario): Promise<Answers> => {
  const { circles, streams, middle } = scenario;
  const [open = '', secret = '', direct = ''] = circles;
  const [ann, ben, cat] = (await enter(url, scenario)) as [Person, Person, Person];
  await isCaughtUp(ann, open);
  await isCaughtUp(ben, secret);
  const answers: Record<string, unknown> = {};
  const keep = async (person: Person, what: string, asked: Promise<unknown>): Promise<void> => {
    answers[`${person.username} ${what}`] = await asked;
  };
  for (const person of [ann, ben, cat]) {
    for (const path of ['/v1/me', '/v1/unread']) await keep(person, path, plain(person, path));
    await keep(person, '/v1/circles', listed(person, '/v1/circles', 'circles'));
    await keep(person, '/v1/directs', listed(person, '/v1/directs', 'circles'));
  }
  const readers = [ann, cat, cat, ann];
  for (const [index, s] of streams.entries()) {
    const reader = readers[index] ?? ann;
    await keep(reader, `messages of ${s}`, messages(reader, s));
    const [circle, stream] = s.split('/');
    const pins = `/v1/circles/${circle}/streams/${stream}/pins`;
    await keep(reader, pins, listed(reader, pins, 'messages'));
  }
  for (const [circle, owner] of [
    [open, ann],
    [secret, ben],
    [direct, ann],
  ] as const) {
    const path = `/v1/circles/${circle}`;
    await keep(owner, path, plain(owner, path));
    await keep(owner, `${path}/members`, listed(owner, `${path}/members`, 'members'));
    await keep(owner, `${path}/streams`, listed(owner, `${path}/streams`, 'streams'));
    if (circle === direct) continue;
    await keep(owner, `${path}/invites`, listed(owner, `${path}/invites`, 'invites'));
    const entries = listed(owner, `${path}/audit`, 'entries');
    await keep(owner, `${path}/audit`, entries.then(withoutPosition));
    await keep(owner, `${path}?at=middle`, plain(owner, `${path}?at=${middle}`));
  }
  const [first = ''] = streams;
  await keep(ann, 'first stream in the middle', messages(ann, first, `&at=${middle}`));
  return answers;
};

/** Every line that `oshi replay` prints of the log in a folder, however it escapes characters. */
export const linesOf = async (folder: string): Promise<string> => {
  const { code, stdout, stderr } = await runOshi(['replay'], { OSHI_DATA_DIR: folder });
  if (code !== 0) throw new Error(`oshi replay: ${stderr}`);
  const lines = stdout.trimEnd().split('\n');
  return lines.map((line) => `${JSON.stringify(JSON.parse(line))}\n`).join('');
};
