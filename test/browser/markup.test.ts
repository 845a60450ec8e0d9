import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Message } from '../../src/client/objects.ts';
import { until } from '../support/checkers/waiting.ts';
import { beforeBrowserTests, testInBrowser } from '../support/fixtures/browser.ts';
import { clickAction, composer, messageWith } from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  post as postTo,
  register,
} from '../support/fixtures/server-people.ts';

const it = testInBrowser;
const stage = usePageStage();
let ada: Person;
let weiss: Person;
let circle: string;

beforeBrowserTests(async () => {
  ada = await stage.account('Ada');
  weiss = await register(stage.url(), 'weiß');
  circle = await makeCircle(ada, [weiss]);
});

const post = (text: string) => postTo(ada, circle, { text });

const all = async (): Promise<readonly Message[]> =>
  (await ada.call(`GET ${messagesOf(circle)}`)).body.messages ?? [];

const open = async (): Promise<Page> =>
  (await stage.enter(ada, { path: `/c/${circle}/${circle}` })).page;

/** The rendered message with this text. */
const drawn = (page: Page, words: string): Locator => messageWith(page, words).locator('.text');

it('a message is rendered: lists, quotes, links, strikethrough', async () => {
  await post(
    [
      '3. three **bold**',
      '   - deeper',
      '> quoted',
      '> > again ~~not~~',
      '[bank.example](https://evil.example/a) and https://a.example/b.',
    ].join('\n'),
  );
  const text = drawn(await open(), 'three bold');
  await text.waitFor();
  expect(await text.locator('ol > li[value="3"] strong').textContent()).toBe('bold');
  expect(await text.locator('ol ul > li').textContent()).toBe('deeper');
  expect(await text.locator('blockquote blockquote s').textContent()).toBe('not');
  const links = text.locator('a');
  expect(await links.evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href))).toEqual([
    'https://evil.example/a',
    'https://a.example/b',
  ]);
  expect(await text.locator('.link-host').textContent()).toBe(' (evil.example)');
  expect(await text.locator('[dir="auto"]').count()).toBeGreaterThan(4);
});

it('code is highlighted once loaded, and not in an unknown language', async () => {
  await post('coloured\n```ts\nconst a = 1;\n```');
  await post('plain\n```nothing\nconst b = 2;\n```');
  const page = await open();
  const keyword = drawn(page, 'coloured').locator('.code-keyword');
  await keyword.waitFor();
  expect(await keyword.textContent()).toBe('const');
  const plain = drawn(page, 'plain').locator('pre code');
  expect(await plain.textContent()).toBe('const b = 2;');
  expect(await plain.locator('span').count()).toBe(0);
  expect(stage.consoleErrors()).toEqual([]);
});

it('code stays plain if the highlighter cannot be loaded', async () => {
  await post('no worker\n```ts\nconst c = 3;\n```');
  const { page } = await stage.enter(ada);
  await page.route(/worker-.*\.js/, (route) => route.abort());
  await page.goto(`/c/${circle}/${circle}`);
  const code = drawn(page, 'no worker').locator('pre code');
  await code.waitFor();
  expect(await code.textContent()).toBe('const c = 3;');
  await composer(page).fill('still here');
});

it('a mention is rendered wherever the server counts one, in any form [H5]', async () => {
  const name = weiss.username;
  const forms = [
    `1 @${name.toUpperCase()}`,
    `2 **@${name}**`,
    `> 3 @${name.normalize('NFD')}`,
    `4 @${name}さん`,
  ];
  const silent = [`5 \`@${name}\``, `6 https://a.example/@${name}`];
  for (const text of [...forms, ...silent]) await post(text);
  const page = await open();
  const messages = await all();
  for (const [index, text] of [...forms, ...silent].entries()) {
    const message = messages.find((each) => each.text === text);
    const count = index < forms.length ? 1 : 0;
    expect(message?.mentions, text).toHaveLength(count);
    const buttons = page.locator(`[data-key="${message?.id}"] button.mention`);
    await until(async () => (await buttons.count()) === count, text);
  }
});

it('a first line keeps its indentation, and an edit that changes nothing sends nothing', async () => {
  const page = await open();
  await composer(page).fill('\n    if indented:\n        y()\n');
  await composer(page).press('Enter');
  const found = async () => (await all()).find(({ text }) => text?.includes('indented'));
  await until(async () => (await found()) !== undefined, 'it is posted');
  expect((await found())?.text).toBe('    if indented:\n        y()');
  await clickAction(page, 'if indented', 'Edit');
  const line = page.getByRole('textbox', { name: 'Edit your message' });
  await line.press('Enter');
  await line.waitFor({ state: 'detached' });
  expect(await found()).not.toHaveProperty('editedAt');
});
