import { expect, test } from 'vitest';
import { openLmdbLog } from '../../src/engine/embedded/lmdb-log/lmdb-log.ts';
import { circleAggregate, streamAggregate, userAggregate } from '../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../src/events/commit.ts';
import { type CircleId, type StreamId, type UserId, uuid7 } from '../../src/events/ids.ts';
import { type DataOf, type EventKind, event } from '../../src/events/kinds/kinds.ts';
import { type EventLog, emptyTail, type Tail } from '../../src/events/log.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { temporaryFolder } from '../support/fixtures/log-child.ts';
import { done, type Story, toldAt } from '../support/fixtures/past-story.ts';
import { messagesOf, type Person, register } from '../support/fixtures/server-people.ts';
import { type EngineData, testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** The story, and each run of the program, takes seconds where many tests share a machine. */
const manyRuns = { timeout: 180_000 };

/** What ann is shown of the circle as it was. */
const seenBy = ({ ann, circle }: Story) => {
  const at = async (path: string, when: number | string) => {
    const sign = path.includes('?') ? '&' : '?';
    return done(ann.call(`GET /v1/circles/${circle}${path}${sign}at=${encodeURIComponent(when)}`));
  };
  return {
    at,
    circle: async (when: number | string) => {
      const { circle: shown } = await at('', when);
      const { name, visibility, members, streams = [], n } = shown ?? {};
      const lasts = streams.map((stream) => [stream.name, stream.last]);
      return { name, visibility, members, n, streams: Object.fromEntries(lasts) };
    },
    members: async (when: number | string) =>
      (await at('/members', when)).members?.map(({ user }) => user.id),
    said: async (when: number | string, stream = circle) =>
      (await at(`/streams/${stream}/messages`, when)).messages,
  };
};

it(
  'a circle, its members and its streams as they were, by number and by time',
  async ({ url }) => {
    const told = await toldAt(url);
    const { ann, ben, cat, times, news } = told;
    const seen = seenBy(told);
    const [begun = 0, , , joined = 0, removed = 0, ended = 0] = times;
    const byId = (...people: Person[]) => people.map(({ id }) => id).sort();
    const tea = { name: 'Tea', visibility: 'public', members: 2, n: 4, streams: { general: 0 } };
    expect(await seen.circle(begun)).toEqual(tea);
    expect(await seen.circle(new Date(begun).toISOString())).toEqual(tea);
    expect(await seen.circle(4)).toEqual(tea);
    expect(await seen.circle(1)).toMatchObject({ name: 'Tea', members: 0, streams: {} });
    expect(await seen.circle(joined)).toEqual({
      ...{ name: 'Coffee', visibility: 'private', members: 3, n: 8 },
      streams: { general: 2, news: 1 },
    });
    expect(await seen.circle(ended)).toMatchObject({ members: 2, streams: { general: 2 } });
    expect(await seen.members(begun)).toEqual(byId(ann, ben));
    expect(await seen.members(2)).toEqual([ann.id]);
    expect(await seen.members(joined)).toEqual(byId(ann, ben, cat));
    expect(await seen.members(removed)).toEqual(byId(ann, cat));
    const page = await seen.at('/members?limit=2', joined);
    const rest = await seen.at(`/members?limit=2&cursor=${page.next}`, joined);
    const both = [...(page.members ?? []), ...(rest.members ?? [])];
    expect(both.map(({ user }) => user.id)).toEqual(byId(ann, ben, cat));
    expect(rest.next).toBeUndefined();
    const nicknames = (await seen.at('/members', removed)).members as { nickname?: string }[];
    expect(nicknames.map(({ nickname }) => nickname).filter(Boolean)).toEqual(['Kit']);
    const streams = await seen.at('/streams?limit=1', removed);
    const later = await seen.at(`/streams?limit=1&cursor=${streams.next}`, removed);
    expect(later.streams).toMatchObject([{ id: news, name: 'news', topic: 'new', last: 1 }]);
    // What is yet to come is as it is now.
    const now = await done(ann.call(`GET /v1/circles/${told.circle}`));
    expect((await seen.at('', Date.now() + 86_400_000)).circle).toEqual(now.circle);
    expect((await seen.at('', 99_999_999)).circle).toEqual(now.circle);
  },
  manyRuns,
);

it(
  'messages as they read, with what was deleted later, by number and by time',
  async ({ url }) => {
    const told = await toldAt(url);
    const { ann, ben, circle, news, first, second, third, times } = told;
    const seen = seenBy(told);
    const [begun = 0, said = 0, changed = 0, joined = 0, removed = 0, ended = 0] = times;
    expect(await seen.said(begun)).toEqual([]);
    const two = [
      { id: first, text: 'one', reactions: {} },
      { id: second, text: 'two' },
    ];
    expect(await seen.said(said)).toMatchObject(two);
    // The stream was opened by event 1.
    expect(await seen.said(3)).toEqual(await seen.said(said));
    expect(await seen.said(2)).toMatchObject([{ id: first }]);
    const marked = [
      { id: first, pinned: true, reactions: { '👍': { count: 1, me: false } } },
      { id: second, text: 'two!', editedAt: expect.any(Number), by: ben.id },
    ];
    expect(await seen.said(changed)).toMatchObject(marked);
    expect((await seen.said(4))?.[1]).toMatchObject({ text: 'two!' });
    expect((await seen.said(removed))?.[1]).toEqual({
      ...{ id: second, s: `${circle}/${circle}`, m: 2, n: 3, by: ben.id, deleted: true },
      at: expect.any(Number),
    });
    const now = await done(ann.call(`GET ${messagesOf(circle)}`));
    expect(await seen.said(Date.now() + 1000)).toEqual(now.messages);
    const older = await seen.at(`/streams/${circle}/messages?before=2&limit=1`, said);
    expect(older).toMatchObject({ messages: [{ m: 1 }], more: { before: false, after: true } });
    expect(older.users).toMatchObject([{ id: ann.id }]);
    expect((older as { moment?: object }).moment).toMatchObject({ n: 3 });
    // A stream that was deleted is still there where it was.
    expect(await seen.said(joined, news)).toMatchObject([{ id: third, text: 'me' }]);
    const gone = await ann.call(`GET /v1/circles/${circle}/streams/${news}/messages?at=${ended}`);
    expect([gone.status, gone.body.code]).toEqual([404, 'not-found']);
  },
  manyRuns,
);

it(
  'the owner alone may ask, and what cannot be answered says why',
  async ({ url }) => {
    const { ann, ben, cat, circle, first } = await toldAt(url);
    const eve = await register(url, 'eve');
    const paths = ['', '/members', '/streams', `/streams/${circle}/messages`];
    const ask = async (person: Person, at: string) => {
      const all = paths.map((path) => person.call(`GET /v1/circles/${circle}${path}?at=${at}`));
      return (await Promise.all(all)).map(({ status, body, text }) => [status, body.code, text]);
    };
    for (const [status, code, text] of await ask(cat, '4')) {
      expect([status, code]).toEqual([403, 'forbidden']);
      expect(text).toContain('Only the owner of a circle may read its history.');
    }
    // Ben was there at that time; it is now that counts.
    for (const person of [ben, eve]) {
      for (const [status, code] of await ask(person, '4')) {
        expect([status, code]).toEqual([404, 'not-found']);
      }
    }
    for (const at of ['', 'then', '-1', '2026-02-30', '1e3', '2026-03-03T25:00']) {
      for (const [status, code, text] of await ask(ann, at)) {
        expect([at, status, code]).toEqual([at, 400, 'bad-request']);
        expect(text).toMatch(/"field":"at"/);
        expect(text).toMatch(
          /a time such as .*, milliseconds since 1970, or the number of an event/,
        );
      }
    }
    for (const at of ['2020-01-01', '0', '1000000000000']) {
      const [[status, code, text] = []] = await ask(ann, at);
      expect([status, code]).toEqual([404, 'not-found']);
      expect(text).toMatch(
        /The circle was created at 2\d{3}-.*Z by event 1; request that moment or a later one/,
      );
    }
    const direct = await done(ann.call(`PUT /v1/directs/${ben.id}`));
    const path = `GET /v1/circles/${direct.circle?.id}`;
    for (const person of [ann, ben]) {
      expect((await person.call(`${path}/members?at=1`)).body.code).toBe('forbidden');
    }
    const other = await ann.call(`GET /v1/circles/${circle}/streams/${first}/messages?at=1`);
    expect(other.body.code).toBe('not-found');
  },
  manyRuns,
);

const json = async ({ env }: EngineData, ...words: string[]) => {
  const { code, stdout, stderr } = await runCommand([...words, '--json'], env);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

const text = async ({ env }: EngineData, ...words: string[]) => {
  const { code, stdout, stderr } = await runCommand(words, env);
  return { code, stdout, stderr };
};

it(
  'on the command line, beside a server: oshi at and oshi explain',
  async ({ stage, url }) => {
    const { ann, ben, cat, circle, news, first, second, third, code, times } = await toldAt(url);
    const [, said = 0, , joined = 0] = times;
    const then = await json(stage, 'at', circle, `${joined}`);
    expect(then).toMatchObject({ n: 8, circle: { name: 'Coffee', owner: ann.id } });
    const names = then.members.map(({ username }: { username: string }) => username);
    expect(names).toEqual([ann, ben, cat].map(({ username }) => username));
    expect(then.members[2]).toMatchObject({ user: cat.id, invite: code, by: cat.id, joinedN: 8 });
    expect(then.invites).toMatchObject([{ code, by: ann.id, uses: 1, revoked: false }]);
    const page = await json(stage, 'at', `${circle}/${circle}`, new Date(said).toISOString());
    expect(page).toMatchObject({ last: 2, messages: [{ text: 'one' }, { text: 'two' }] });
    const shown = await text(stage, 'at', `${circle}/${circle}`, '3', '--limit', '1');
    expect(shown.stdout).toMatch(/the newest 1 of 2 messages:.*two\n$/s);
    expect((await text(stage, 'at', circle, '2020-01-01')).stderr).toMatch(
      /^oshi: The circle was created/,
    );
    expect(await text(stage, 'at', circle, 'then')).toMatchObject({ code: 2 });
    const deed = await json(stage, 'explain', second);
    expect(deed).toMatchObject({ right: true, message: { text: 'two', m: 2 } });
    expect(deed.because).toMatch(/joined while the circle was public/);
    const since = deed.since.map(({ what }: { what: string }) => what);
    expect(since).toEqual([
      ...['edited: two!', 'the author was removed from the circle'],
      'deleted by the owner of the circle',
    ]);
    const guest = await json(stage, 'explain', `${circle}/${news}/${third}`);
    expect(guest.because).toContain(`joined by invite ${code}`);
    expect(guest.usernames).toMatchObject({ [ann.id]: ann.username, [cat.id]: cat.username });
    const own = await text(stage, 'explain', first);
    expect(own).toMatchObject({ code: 0, stderr: '' });
    expect(own.stdout).toContain('The author created the circle and was a member');
    expect(own.stdout).toMatch(
      /registered as ann.*session \S+ opened.*circle “Tea” created, public/s,
    );
    const none = await text(stage, 'explain', circle);
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toMatch(/^oshi: there is no message .* in the log[^\n]*\n$/);
    expect(await text(stage, 'explain', 'x/y')).toMatchObject({ code: 2 });
  },
  manyRuns,
);

/** Writes events of several aggregates straight into a log, as no server would. */
const forging = (log: EventLog) => {
  const tails = new Map<string, Tail>();
  return async <K extends EventKind>(
    aggregate: ReturnType<typeof circleAggregate>,
    by: string,
    [k, d]: readonly [K, DataOf<K>],
  ): Promise<void> => {
    const before = tails.get(aggregate) ?? emptyTail;
    const events = [{ ...event(k, d), by, at: Date.now() } as LoggedEvent];
    const commit = { id: uuid7(), n: before.n + 1, prev: before.hash, term: 1, events };
    tails.set(aggregate, await log.append(aggregate, commit, before));
  };
};

test(
  'a message by somebody who was not in the circle is found out, without a server',
  manyRuns,
  async () => {
    const { path, remove } = await temporaryFolder();
    const [owner, stranger, circle, message] = [uuid7(), uuid7(), uuid7(), uuid7()];
    const log = await openLmdbLog({ path });
    const write = forging(log);
    const room = circleAggregate(circle as CircleId);
    const account = userAggregate(stranger as UserId);
    await write(account, stranger, ['user-registered', { username: 'eve' }]);
    await write(room, owner, [
      'circle-created',
      { kind: 'circle', name: 'Tea\u001b[2J', visibility: 'public', owner },
    ]);
    await write(room, owner, ['member-joined', { user: owner }]);
    await write(room, owner, ['stream-created', { id: circle, name: 'general' }]);
    const said = { id: message, m: 1, text: 'hi', mentions: [] };
    const stream = streamAggregate(circle as CircleId, circle as string as StreamId);
    await write(stream, stranger, ['message-posted', said]);
    await log.close();
    const found = await runCommand(['explain', message], { OSHI_DATA_DIR: path });
    expect(found).toMatchObject({ code: 3, stderr: '' });
    expect(found.stdout).toContain(
      'did not have permission to post it: the author had never joined the circle',
    );
    expect(found.stdout).not.toContain('\u001b[2J');
    const at = await runCommand(['at', circle, '3'], { OSHI_DATA_DIR: path });
    expect(at).toMatchObject({ code: 1, stdout: '' });
    expect(at.stderr).toMatch(
      /^oshi: there are no read models yet; start the server once[^\n]*\n$/,
    );
    await remove();
  },
);
