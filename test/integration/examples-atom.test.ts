import { expect, test } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { strictXml, type XmlElement } from '../support/checkers/strict-xml.ts';
import { until } from '../support/checkers/waiting.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  post,
  registerAll,
} from '../support/fixtures/server-people.ts';
import { type Environment, spawnNode } from '../support/fixtures/server-process.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** The feed of a circle's first stream, served by a process of its own. */
const startFeed = async (circle: string, env: Environment) => {
  const program = spawnNode(['examples/atom-feed.js', `${circle}/${circle}`, '--port', '0'], env);
  const [, url = ''] = await program.said(/^The feed is at (\S+)$/m);
  const ask = (headers: Record<string, string> = {}, method = 'GET') =>
    fetch(url, { method, headers });
  await until(async () => (await ask()).status !== 503, 'a feed that is up to date');
  return { ...program, url, ask };
};

type Feed = Awaited<ReturnType<typeof startFeed>>;

const only = (element: XmlElement, name: string): XmlElement => {
  const found = element.children.filter((child) => child.name === name);
  expect(found, name).toHaveLength(1);
  return found[0] as XmlElement;
};

/** A time as RFC 3339 writes it, in ms. */
const timeIn = (element: XmlElement, name: string): number => {
  const { text } = only(element, name);
  expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  return Date.parse(text);
};

/** The feed, after it was checked against what RFC 4287 asks of one. */
const read = async (feed: Feed) => {
  const answer = await feed.ask();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'application/atom+xml',
  ]);
  const root = strictXml(await answer.text());
  expect([root.name, root.attributes]).toEqual(['feed', { xmlns: 'http://www.w3.org/2005/Atom' }]);
  expect(only(root, 'link').attributes).toMatchObject({ rel: 'self', href: feed.url });
  const entries = root.children
    .filter(({ name }) => name === 'entry')
    .map((entry) => ({
      id: only(entry, 'id').text,
      title: only(entry, 'title').text,
      author: only(only(entry, 'author'), 'name').text,
      text: only(entry, 'content').text,
      published: timeIn(entry, 'published'),
      updated: timeIn(entry, 'updated'),
    }));
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
  for (const id of [only(root, 'id').text, ...entries.map((entry) => entry.id)]) {
    expect(id).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
  }
  return { title: only(root, 'title').text, updated: timeIn(root, 'updated'), entries };
};

const texts = async (feed: Feed): Promise<string[]> =>
  (await read(feed)).entries.map(({ text }) => text);

const shows = (feed: Feed, text: string) =>
  until(async () => (await texts(feed)).includes(text), `"${text}" in the feed`);

const becomes = (feed: Feed, status: number) =>
  until(async () => (await feed.ask()).status === status, `status ${status}`);

/** What XML cannot hold, and what means something in it. */
const nastyWith = (one: string, other: string): string =>
  `A <b>tag</b> & "quotes", ${one} and ${other} ]]>\r\nsecond line 👍`;
const nasty = nastyWith('\u0001', '\uFFFE');

type Tea = { readonly ann: Person; readonly ben: Person; readonly circle: string };

/** More than a feed shows, and on top what is to be changed. */
const talk = async ({ ann, ben, circle }: Tea) => {
  const [edited, deleted] = [uuid7(), uuid7()];
  await Promise.all(Array.from({ length: 50 }, () => post(ben, circle, { text: 'old' })));
  await post(ben, circle, { text: 'the last of old' });
  await post(ann, circle, { id: deleted, text: 'soon gone' });
  await post(ann, circle, { id: edited, text: nasty });
  return { edited, deleted };
};

type Changed = Awaited<ReturnType<typeof talk>>;

const isValid = async (feed: Feed, { ben }: Tea, { edited }: Changed) => {
  const first = await read(feed);
  expect(first.title).toBe('Tea: general');
  expect(first.entries).toHaveLength(50);
  expect(first.entries[0]).toMatchObject({
    id: `urn:uuid:${edited}`,
    author: 'Ann <&>',
    title: 'A <b>tag</b> & "quotes", \uFFFD and \uFFFD ]]>',
    text: nastyWith('\uFFFD', '\uFFFD'),
  });
  expect(first.entries[2]).toMatchObject({ author: ben.username, text: 'the last of old' });
  expect(first.updated).toBe(first.entries[0]?.published);
};

const follows = async (feed: Feed, { ann, ben, circle }: Tea, { edited, deleted }: Changed) => {
  const first = await read(feed);
  await post(ben, circle, { text: 'live' });
  await shows(feed, 'live');
  await ann.call(`PATCH ${messagesOf(circle)}/${edited}`, { text: 'mended' });
  await ann.call(`DELETE ${messagesOf(circle)}/${deleted}`);
  await until(async () => !(await texts(feed)).includes('soon gone'), 'the deletion');
  const { entries, updated } = await read(feed);
  expect(entries.slice(0, 3).map(({ text }) => text)).toEqual([
    ...['live', 'mended', 'the last of old'],
  ]);
  const [live, mended] = entries;
  expect(mended?.published).toBe(first.entries[0]?.published);
  expect(mended?.updated).toBeGreaterThanOrEqual(live?.published ?? 0);
  expect(updated).toBeGreaterThanOrEqual(mended?.updated ?? 0);
};

/** Whoever has it is not sent it again (RFC 9110). */
const isKept = async (feed: Feed, { ann, circle }: Tea) => {
  const etag = (await feed.ask()).headers.get('etag') ?? '';
  expect((await feed.ask({ 'if-none-match': `"other", W/${etag}` })).status).toBe(304);
  expect((await feed.ask({ 'if-none-match': '"other"' })).status).toBe(200);
  let modified: string | null = null;
  await until(async () => {
    modified = (await feed.ask()).headers.get('last-modified');
    return modified !== null;
  }, 'the end of the second in which it changed');
  const since = { 'if-modified-since': `${modified}` };
  expect((await feed.ask(since)).status).toBe(304);
  await post(ann, circle, { text: 'changed' });
  await shows(feed, 'changed');
  expect((await feed.ask(since)).status).toBe(200);
  expect((await feed.ask({ 'if-none-match': etag, ...since })).status).toBe(200);
  const head = await feed.ask({}, 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect((await feed.ask({}, 'POST')).status).toBe(405);
  expect((await fetch(new URL('/', feed.url))).status).toBe(404);
};

it(
  'examples/atom-feed.js: valid whatever people write, follows, and shows nobody what is private',
  async ({ stage, url }) => {
    const [ann, ben] = (await registerAll(url, ['ann', 'ben'])) as [Person, Person];
    await ann.call('PATCH /v1/me', { displayName: 'Ann <&>' });
    const circle = await makeCircle(ann, [ben]);
    const tea = { ann, ben, circle };
    const become = (visibility: string) => ann.call(`PATCH /v1/circles/${circle}`, { visibility });
    const changed = await talk(tea);
    const feed = await startFeed(circle, stage.env);
    await isValid(feed, tea, changed);
    await follows(feed, tea, changed);
    await isKept(feed, tea);
    await become('private');
    await becomes(feed, 404);
    await become('public');
    await becomes(feed, 200);
    await feed.kill();

    await become('private');
    const again = await startFeed(circle, stage.env);
    expect((await again.ask()).status).toBe(404);
    await become('public');
    await becomes(again, 200);
    expect((await texts(again)).slice(0, 3)).toEqual(['changed', 'live', 'mended']);
    await ann.call(`DELETE /v1/circles/${circle}`);
    await becomes(again, 404);
    expect(await again.stop()).toMatchObject({ code: 0, stderr: '' });
  },
  { timeout: 180_000 },
);

test('examples/atom-feed.js: a command line that it does not understand is one line', async () => {
  const { code, stderr } = await spawnNode(['examples/atom-feed.js', 'tea']).ended;
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^usage: node [^\n]+\n$/)]);
});

test('the check of XML tells right from wrong', () => {
  const right = '<?xml version="1.0" encoding="utf-8"?>\n<a b="&#60;"><c/>x &amp; y</a>\n';
  expect(strictXml(right)).toEqual({
    ...{ name: 'a', attributes: { b: '<' }, text: 'x & y' },
    children: [{ name: 'c', attributes: {}, children: [], text: '' }],
  });
  for (const wrong of [
    ...['', 'x', '<a>', '<a></b>', '<a/><a/>', '<a/>x', '<a>&</a>', '<a>&nbsp;</a>', '<a b=c/>'],
    ...['<a b="<"/>', '<a b="" b=""/>', '<a>]]></a>', '<a>\u0001</a>', '<a>&#1;</a>', '</a>'],
  ]) {
    expect(() => strictXml(wrong), wrong).toThrow();
  }
});
