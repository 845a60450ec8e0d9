import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { circleAggregate, userAggregate } from '../../src/events/aggregate.ts';
import type { CircleId, UserId } from '../../src/events/ids.ts';
import { until } from '../support/checkers/waiting.ts';
import { beforeBrowserTests, testInBrowser } from '../support/fixtures/browser.ts';
import { appendEarlier, earlier } from '../support/fixtures/earlier-log.ts';
import {
  choose,
  composer,
  messageWith,
  sendMessage,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { type Guest, usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, type Person, post } from '../support/fixtures/server-people.ts';

const it = testInBrowser;
const stage = usePageStage();
let ann: Guest;
let eve: Person;
let circle: string;

/** Names accepted by an earlier version: they would reverse the text after them. */
const turning = { eve: 'Eve \u202e', circle: 'Tea \u202e', stream: 'pots \u2067' };

beforeBrowserTests(async () => {
  const owner = await stage.account('Ann');
  eve = await stage.account('Eve');
  circle = await makeCircle(owner, [eve]);
  await stage.kill();
  await appendEarlier(stage.env(), userAggregate(eve.id as UserId), [
    earlier(eve.id, 'profile-updated', { displayName: turning.eve }),
  ]);
  await appendEarlier(stage.env(), circleAggregate(circle as CircleId), [
    earlier(owner.id, 'circle-updated', { name: turning.circle, about: 'about \u202e' }),
    earlier(owner.id, 'stream-updated', {
      id: circle,
      name: turning.stream,
      topic: 'topic \u202e',
    }),
  ]);
  await stage.start();
  await post(eve, circle, { text: 'what I say' });
  ann = await stage.enter(owner, { path: `/c/${circle}/${circle}` });
  await messageWith(ann.page, 'what I say').waitFor();
});

/** Right-to-left text outside of names. */
const turnedWords = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const place = (node: Text, at: number): DOMRect => {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      return range.getBoundingClientRect();
    };
    for (let node = walk.nextNode() as Text | null; node; node = walk.nextNode() as Text | null) {
      const word = /[a-z]{2,}/i.exec(node.data);
      if (!word || node.parentElement?.closest('bdi, script')) continue;
      const [first, last] = [place(node, word.index), place(node, word.index + word[0].length - 1)];
      if (first.top === last.top && first.left > last.left) found.push(node.data);
    }
    return found;
  });

/** Attributes and the title, where only characters in the text can isolate a name. */
const turningTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const elements = [...document.querySelectorAll('*')];
    const texts = elements.flatMap(({ attributes }) => [...attributes].map(({ value }) => value));
    const controls = /[\u061c\u200e\u200f\u202a-\u202e\u2066\u2067]/;
    return [...texts, document.title].filter((text) => controls.test(text));
  });

const turned = async (page: Page): Promise<string[]> => [
  ...(await turnedWords(page)),
  ...(await turningTexts(page)),
];

const expectInOrder = async (page: Page, what: string): Promise<void> => {
  expect(await turned(page), what).toEqual([]);
};

/** The horizontal positions of words. */
const leftOf = (page: Page, selector: string): Promise<number[]> =>
  page.locator(selector).evaluateAll((all) => all.map((each) => each.getBoundingClientRect().left));

it('a direction control in a name of an earlier version does not affect other text [H6]', async () => {
  const { page } = ann;
  await expectInOrder(page, 'the conversation');
  const [[name = 0], [time = 0]] = [
    await leftOf(page, '.message-head .author'),
    await leftOf(page, '.message-head time'),
  ];
  expect(name).toBeLessThan(time);
  const eves = await stage.enter(eve, { path: `/c/${circle}/${circle}` });
  await composer(eves.page).pressSequentially('hello');
  await page.getByText('is typing').waitFor();
  await expectInOrder(page, 'the line that says who is typing');
  await messageWith(page, 'what I say').hover();
  await messageWith(page, 'what I say').getByRole('button', { name: 'Reply' }).click();
  await page.getByText('Replying to').waitFor();
  await expectInOrder(page, 'what is answered');
  await sendMessage(page, 'my answer');
  await waitForMessage(page, 'my answer');
  await expectInOrder(page, 'an answer');
  await page.getByRole('complementary').getByText('@eve').waitFor();
  await expectInOrder(page, 'the members');
  await page.getByRole('button', { name: 'About Eve', exact: false }).first().click();
  const card = page.getByRole('dialog');
  await card.getByRole('button', { name: 'Remove from circle' }).click();
  await page.getByText('can no longer access').waitFor();
  await expectInOrder(page, 'a question');
  await page.keyboard.press('Escape');
  await choose(page.getByRole('main'), 'More', 'Invite people');
  await page.getByRole('dialog', { name: /^Invite people to Tea/ }).waitFor();
  await expectInOrder(page, 'a dialog');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('option').first().waitFor();
  await expectInOrder(page, 'the switcher');
  await page.keyboard.press('Escape');
  await page.goto(`/history/${circle}`);
  await page.locator('.entry').first().waitFor();
  await expectInOrder(page, 'the history');
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  await expectInOrder(page, 'home');
  expect(stage.ownConsoleErrors()).toEqual([]);
});

it('right-to-left text is displayed right to left in inputs and names', async () => {
  const { page, person } = ann;
  const arabic = 'مساء النور';
  const put = await person.call(`PATCH /v1/circles/${circle}/members/me/data`, {
    nickname: arabic,
  });
  expect(put.status).toBe(200);
  await page.goto(`/c/${circle}/${circle}`);
  await messageWith(page, 'what I say').first().waitFor();
  await sendMessage(page, 'hello there');
  await waitForMessage(page, 'hello there');
  await page.getByText(arabic).first().waitFor();
  await expectInOrder(page, 'the conversation');
  const direction = () => composer(page).evaluate((area) => getComputedStyle(area).direction);
  await composer(page).fill('שלום, מה שלומך?');
  await until(async () => (await direction()) === 'rtl');
  await composer(page).fill('hello');
  await until(async () => (await direction()) === 'ltr');
  const label = await messageWith(page, 'hello there').last().getAttribute('aria-label');
  expect(label).toContain(`\u2068${arabic}\u2069, `);
});

it('a reaction typed without U+FE0F is the existing one [H6]', async () => {
  const { page } = ann;
  await page.goto(`/c/${circle}/${circle}`);
  const message = messageWith(page, 'what I say').first();
  const reactions = message.getByRole('list', { name: 'Reactions' }).getByRole('button');
  for (const [typed, pressed] of [
    ['❤', ['❤️, 1 reaction']],
    ['❤️', []],
  ] as const) {
    await message.hover();
    await message.getByRole('button', { name: 'React', exact: true }).click();
    await page.getByLabel('Another emoji').fill(typed);
    await page.getByLabel('Another emoji').press('Enter');
    await until(async () => (await reactions.count()) === pressed.length);
    const labels = await reactions.evaluateAll((all) =>
      all.map((each) => each.getAttribute('aria-label')),
    );
    expect(labels).toEqual(pressed);
  }
});
