import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { environment } from '../src/config.ts';
import { uuid7 } from '../src/events/ids.ts';
import { call, type Person, password, personOf } from '../test/support/fixtures/server-people.ts';
import { startOshi } from '../test/support/fixtures/server-process.ts';

const docs = resolve(import.meta.dirname, '../docs');

const done = async (person: Person, request: string, body?: object): Promise<void> => {
  const { status, text } = await person.call(request, body);
  if (status >= 300) throw new Error(`${request}: ${status} ${text}`);
};

const registered = async (url: string, displayName: string): Promise<Person> => {
  const username = displayName.toLowerCase();
  const { body } = await call(url, 'POST /v1/users', { body: { username, password, displayName } });
  return personOf(url, body);
};

const circleOf = async (owner: Person, name: string, members: readonly Person[]) => {
  const id = uuid7();
  await done(owner, `PUT /v1/circles/${id}`, { name, visibility: 'public' });
  for (const member of members) await done(member, `PUT /v1/circles/${id}/members/me`, {});
  return id;
};

const streamOf = async (owner: Person, circle: string, name: string): Promise<string> => {
  const id = uuid7();
  await done(owner, `PUT /v1/circles/${circle}/streams/${id}`, { name });
  return `/v1/circles/${circle}/streams/${id}`;
};

const post = async (author: Person, stream: string, text: string): Promise<string> => {
  const id = uuid7();
  await done(author, `PUT ${stream}/messages/${id}`, { text });
  return `${stream}/messages/${id}`;
};

/** A circle with a conversation, unread streams, and others beside it. */
const playGarden = async (url: string) => {
  const names = ['Ada', 'Ben', 'Chiyo', 'Grace', 'Henrik', 'Dmitri', 'Elena', 'Farid'];
  const people: Person[] = [];
  for (const name of names) people.push(await registered(url, name));
  const [ada, ben, chiyo, grace, henrik, dmitri, , farid] = people as [Person, ...Person[]];
  const others = people.slice(1);
  const garden = await circleOf(ada, 'Night Gardeners', others);
  const general = `/v1/circles/${garden}/streams/${garden}`;
  const seedlings = await streamOf(ada, garden, 'seedlings');
  await streamOf(ada, garden, 'tools');
  const plan = await post(
    ada,
    general,
    'I bring in the **lemons and the chillies**. @chiyo do you have room on the stairs?',
  );
  for (const person of [ben, chiyo] as Person[])
    await done(person, `PUT ${plan}/reactions/${encodeURIComponent('👍')}`);
  await post(chiyo as Person, general, 'Plenty! Come by with a cart after eight.');
  const help = await post(farid as Person, general, 'I can help to carry.');
  await done(farid as Person, `PATCH ${help}`, { text: 'I can help carry things tomorrow.' });
  await post(
    grace as Person,
    general,
    'Same here, I am free from *seven* on:\n- gloves\n- a lamp\n- soup',
  );
  const when = await post(
    ada,
    general,
    'Meet at the gate at `19:30`. Lemons first, then the chillies.',
  );
  for (const person of [ben, chiyo, grace] as Person[])
    await done(person, `PUT ${when}/reactions/${encodeURIComponent('🎉')}`);
  await done(ada, `PUT ${when}/pin`);
  await post(grace as Person, general, '🥕🌙');
  await post(
    henrik as Person,
    general,
    'Count me in. @ada shall I bring the big cart? It fits about twelve pots.',
  );
  for (let index = 0; index < 7; index++)
    await post(dmitri as Person, seedlings, `Tray ${index + 1} has sprouted.`);
  const books = await circleOf(ben as Person, 'The Slow Book Club', [ada, chiyo as Person]);
  await post(chiyo as Person, `/v1/circles/${books}/streams/${books}`, 'Chapter four by Friday?');
  const room = await circleOf(grace as Person, 'Compiler Room', [ada]);
  await post(grace as Person, `/v1/circles/${room}/streams/${room}`, '@ada the linker is fixed.');
  return { ada, others, garden };
};

/** A circle that was renamed, and lost a member, a stream and a message. */
const playHistory = async (url: string) => {
  const [iris, jonas, kaya] = [
    await registered(url, 'Iris'),
    await registered(url, 'Jonas'),
    await registered(url, 'Kaya'),
  ];
  const circle = await circleOf(iris, 'Moonflowers', [jonas, kaya]);
  const general = `/v1/circles/${circle}/streams/${circle}`;
  const seedlings = await streamOf(iris, circle, 'seedlings');
  const plan = await post(jonas, general, 'We meet at nine, by the gate.');
  await done(jonas, `PATCH ${plan}`, { text: 'We meet at ten, by the old greenhouse.' });
  await done(iris, `PUT ${plan}/pin`);
  await done(kaya, `DELETE ${await post(kaya, general, 'I cannot come tonight.')}`);
  await done(iris, `PATCH ${seedlings}`, { archived: true });
  await done(iris, `DELETE /v1/circles/${circle}/members/${jonas.id}`);
  await done(iris, `PATCH /v1/circles/${circle}`, { name: 'The night gardeners' });
  return { iris, circle };
};

/** `npx tsx tools/screenshots.ts` after `npm run build`: takes the pictures of the README and of docs/history.md. */
const main = async (): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-screenshots-'));
  const server = await startOshi({ OSHI_PORT: '0', OSHI_DATA_DIR: dir, OSHI_RATE_LIMITS: 'off' });
  const browser = await chromium.launch({
    executablePath: environment().OSHI_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const enter = async ({ username }: Person, path: string, height: number): Promise<Page> => {
    const context = await browser.newContext({
      baseURL: server.url,
      reducedMotion: 'reduce',
      viewport: { width: 1280, height },
    });
    await context.request.post('/v1/sessions', { data: { username, password } });
    const page = await context.newPage();
    await page.goto(path);
    return page;
  };
  try {
    const { ada, others, garden } = await playGarden(server.url);
    for (const person of others.slice(0, 4)) await enter(person, `/c/${garden}/${garden}`, 800);
    const page = await enter(ada, `/c/${garden}/${garden}`, 800);
    await page.getByText('shall I bring the big cart').waitFor();
    await page.getByText('@henrik').waitFor();
    await page.screenshot({ path: join(docs, 'page.png') });
    const { iris, circle } = await playHistory(server.url);
    const history = await enter(iris, `/history/${circle}`, 860);
    await history.getByText('edited a message').click();
    await history
      .getByRole('button', { name: /^View / })
      .first()
      .click();
    await history.getByText('Past state').waitFor();
    await history.getByText('Filters', { exact: true }).click();
    await history.mouse.move(0, 0);
    await history.screenshot({ path: join(docs, 'history.png') });
  } finally {
    await browser.close();
    await server.stop();
    await rm(dir, { recursive: true });
  }
};

await main();
