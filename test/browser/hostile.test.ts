import type { Page } from 'playwright-core';
import { beforeEach, expect } from 'vitest';
import { beforeBrowserTests, testInBrowser } from '../support/fixtures/browser.ts';
import {
  messages,
  messageWith,
  sendMessage,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, type Person, post } from '../support/fixtures/server-people.ts';

/** The maximum length, in code points. */
const lengthMax = 4_000;

const again = (text: string): string => [...text.repeat(lengthMax)].slice(0, lengthMax).join('');

/** Texts that are expensive to process: each is as long as the server allows, except the first. */
const hostile = [
  `${'🏽'.repeat(40)}x`,
  again('🏽'),
  again('👩‍👩‍👧'),
  again('🇳'),
  `a${again('\u0301').slice(1)}`,
  again('*a* '),
  again('**'),
  again('_a'),
  again('`'),
  `${again('> a\nb\n').slice(1)}.`,
  again('```\n'),
  again('@x'),
  again('@.'),
  `${again(' ').slice(2)}.${'x'}`,
  again('https://[ '),
  again(`https://a${')'.repeat(40)}`),
  again('https://a.example '),
  again('\u202e\u2066a'),
  again('WWWW'),
];

const it = testInBrowser;
const stage = usePageStage();
let ann: Person;
let eve: Person;
let circle: string;

beforeBrowserTests(async () => {
  [ann, eve] = [await stage.account('Ann'), await stage.account('Eve')];
});

beforeEach(async () => {
  circle = await makeCircle(ann, [eve]);
});

/** How far texts overflow the message area, in px. */
const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const areas = [document.documentElement, ...document.querySelectorAll('.timeline')];
    return Math.max(...areas.map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth));
  });

/** The page is still responsive. */
const expectAnswers = async (page: Page, text: string): Promise<void> => {
  await sendMessage(page, text);
  await waitForMessage(page, text);
  await page.getByRole('button', { name: 'Pinned messages' }).click();
  await page.getByText('No pinned messages').waitFor();
};

it('does not affect other messages, and the page stays responsive', async () => {
  await post(ann, circle, { text: 'Before all of it' });
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await messageWith(page, 'Before all of it').waitFor();
  for (const [index, text] of hostile.entries()) {
    expect((await post(eve, circle, { text })).status).toBe(201);
    await post(ann, circle, { text: `Behind number ${index}` });
    await messageWith(page, `Behind number ${index}`).waitFor();
  }
  expect(await messages(page).count()).toBe(2 * hostile.length + 1);
  expect(await overflowOf(page)).toBe(0);
  await expectAnswers(page, 'Still here');
  await page.reload();
  await messageWith(page, 'Still here').waitFor();
  await messageWith(page, `Behind number ${hostile.length - 1}`).waitFor();
  await expectAnswers(page, 'Here again');
  expect(stage.consoleErrors()).toEqual([]);
});

/** Makes the browser fail for one text at one time, like an error in the page. */
const breakFor = (page: Page, at: number): Promise<unknown> =>
  page.addInitScript((time) => {
    const { matchAll } = String.prototype;
    String.prototype.matchAll = function (form: RegExp) {
      if (this.includes('breaks the text')) throw new Error('its text cannot be drawn');
      return matchAll.call(this, form);
    };
    const { toISOString } = Date.prototype;
    Date.prototype.toISOString = function () {
      if (this.getTime() === time) throw new Error('its time cannot be drawn');
      return toISOString.call(this);
    };
  }, at);

it('that fails to render is shown as plain text', async () => {
  await post(eve, circle, { text: 'First, **bold**' });
  await post(eve, circle, { text: 'This **breaks the text**' });
  const { at = 0 } = (await post(ann, circle, { text: 'This **breaks all else**' })).body;
  await post(eve, circle, { text: 'Last, **bold**' });
  const { page, consoleErrors } = await stage.enter(ann, { path: '/find' });
  await breakFor(page, at);
  await page.goto(`/c/${circle}`);
  for (const text of ['First, bold', 'This **breaks the text**', 'This **breaks all else**'])
    await messageWith(page, text).waitFor();
  await messageWith(page, 'Last, bold').waitFor();
  await expectAnswers(page, 'Still here');
  const reported = consoleErrors.splice(0).join();
  expect(reported).toContain('its text cannot be drawn');
  expect(reported).toContain('its time cannot be drawn');
});
