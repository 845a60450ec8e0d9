import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import { phone, testInBrowser } from '../support/fixtures/browser.ts';
import {
  choose,
  chooseAction,
  composer,
  messageWith,
  react,
  sendMessage,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, messagesOf, post } from '../support/fixtures/server-people.ts';
import { expectAccessible } from './accessibility.ts';

const it = testInBrowser;
const stage = usePageStage();
const touch = { viewport: phone, hasTouch: true, isMobile: true };

const pathOf = (page: Page): string => new URL(page.url()).pathname;

it('Back closes a dialog, then the pane below it, then leaves', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  const { page } = await stage.enter(ann, touch);
  await page.getByRole('button', { name: /^Tea/ }).first().tap();
  await page.getByRole('link', { name: 'general' }).tap();
  await composer(page).waitFor();
  const stream = pathOf(page);
  await page.getByRole('button', { name: 'Members' }).tap();
  const members = page.getByRole('main', { name: 'Members' });
  await members.getByRole('button', { name: /^Ann/ }).tap();
  const card = page.getByRole('dialog', { name: 'Ann' });
  await card.waitFor();
  await page.goBack();
  await card.waitFor({ state: 'detached' });
  expect(await members.count()).toBe(1);
  await page.goBack();
  await composer(page).waitFor();
  expect(pathOf(page)).toBe(stream);
  // A dialog closed by its button adds no history entry.
  await choose(page.getByRole('main'), 'More', 'Your nickname here');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).tap();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.goBack();
  await page.getByRole('main', { name: 'Home' }).waitFor();
  expect([pathOf(page), circle.length]).toEqual(['/', 36]);
});

it('the back arrow leads to the list, whatever the previous view', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  const { page } = await stage.enter(ann, { path: '/settings/profile', ...touch });
  await page.goto(`/c/${circle}/${circle}`);
  await page.getByRole('button', { name: 'Back to list' }).tap();
  await page.getByRole('main', { name: 'Home' }).waitFor();
  await page.goBack();
  await until(() => pathOf(page) === '/settings/profile');
});

it('a dialog that creates something adds one history entry', async () => {
  const ann = await stage.account('Ann');
  await makeCircle(ann);
  const { page } = await stage.enter(ann, { path: '/find' });
  await choose(page.getByRole('region', { name: 'Circles' }), 'Add a circle', 'Create a circle');
  await page.getByRole('dialog').getByLabel('Name').fill('New one');
  await page.getByRole('dialog').getByRole('button', { name: 'Create circle' }).click();
  await page.getByRole('main', { name: '#general' }).waitFor();
  await until(async () => (await page.title()) === '#general · New one · Oshi');
  await page.goBack();
  await page.getByRole('main', { name: 'Find a circle' }).waitFor();
});

it('an unknown address is a page for browsers and a problem for programs', async () => {
  const { page } = await stage.visit('/');
  for (const path of ['/no/such/page', '/c/nonsense', '/v2', '/%zz', '/c/%zz']) {
    const answer = await page.goto(path);
    expect([path, answer?.status()]).toEqual([path, path === '/c/nonsense' ? 200 : 404]);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  }
  await expectAccessible(page, 'an unknown address');
  await page.getByRole('link', { name: 'Go home' }).click();
  await page.getByRole('form', { name: 'Log in' }).waitFor();
  const problem = await page.request.get('/no/such/page', { headers: { accept: '*/*' } });
  expect([problem.status(), await problem.json()]).toMatchObject([404, { code: 'not-found' }]);
});

it('Enter sends on a keyboard, and inserts a line break on a touch screen', async () => {
  const ann = await stage.account('Ann');
  const path = `/c/${await makeCircle(ann)}`;
  const narrow = await stage.enter(ann, { path, viewport: { width: 740, height: 800 } });
  await sendMessage(narrow.page, 'from a narrow window');
  await waitForMessage(narrow.page, 'from a narrow window');
  await composer(narrow.page).fill('どうよう');
  // Safari reports the Enter that ends a composition after its end, by this code.
  await composer(narrow.page).evaluate((area) => {
    const init = { key: 'Enter', bubbles: true, cancelable: true, keyCode: 229 };
    return area.dispatchEvent(new KeyboardEvent('keydown', init));
  });
  await composer(narrow.page).press('Shift+End');
  expect(await composer(narrow.page).inputValue()).toBe('どうよう');
  for (const viewport of [phone, { width: 932, height: 430 }, { width: 820, height: 1180 }]) {
    const { page } = await stage.enter(ann, { path, ...touch, viewport });
    await composer(page).fill('one');
    await composer(page).press('Enter');
    await composer(page).pressSequentially('two');
    expect(await composer(page).inputValue()).toBe('one\ntwo');
  }
});

it('the focus stays near a deleted message, and skips to the content', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  await post(ann, circle, { text: 'To be deleted' });
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await chooseAction(page, 'To be deleted', 'Delete');
  await page.getByText('You can still read it under History').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await messageWith(page, 'This message was deleted.').waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  await until(async () => (await focused()).includes('This message was deleted.'));
  await page.goto('/find');
  await page.getByRole('heading', { name: 'Tea' }).first().waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(() => page.evaluate(() => document.activeElement?.id === 'main'));
});

it('among many circles the open one is in view, and members are sorted numerically', async () => {
  const ann = await stage.account('Ann');
  const circles = await Promise.all(Array.from({ length: 40 }, () => makeCircle(ann)));
  const circle = circles.toSorted().at(-1) ?? '';
  for (const name of ['Row 10', 'Row 2', 'Row 1']) {
    const person = await stage.account(name.replace(' ', '-'));
    await person.call('PATCH /v1/me', { displayName: name });
    await person.call(`PUT /v1/circles/${circle}/members/me`, {});
  }
  const { page } = await stage.enter(ann, { path: `/c/${circle}/${circle}` });
  const link = page.getByRole('link', { name: 'general' });
  await link.waitFor();
  await until(() =>
    link.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      const list = element.closest('.sidebar-lists')?.getBoundingClientRect();
      return list !== undefined && top >= list.top && bottom <= list.bottom + 1;
    }),
  );
  const away = page.getByRole('region', { name: 'Offline' }).getByRole('button');
  await until(async () => (await away.count()) === 3);
  const names = (await away.allTextContents()).map((text) => /Row \d+/.exec(text)?.[0]);
  expect(names).toEqual(['Row 1', 'Row 2', 'Row 10']);
});

it('reactions keep their positions, however many there are', async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(ann, [bob]);
  const { id } = (await post(ann, circle, { text: 'React to this' })).body;
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await react(page, 'React to this', '❤️ heart');
  await react(page, 'React to this', '🎉 party');
  const shown = () =>
    messageWith(page, 'React to this')
      .getByRole('button', { name: /reaction/ })
      .allTextContents();
  await until(async () => (await shown()).join() === '❤️ 1,🎉 1');
  await bob.call(`PUT ${messagesOf(circle)}/${id}/reactions/${encodeURIComponent('🎉')}`);
  await until(async () => (await shown()).join() === '❤️ 1,🎉 2');
});

it('a badge disappears with its messages, also for a stream that was never opened', async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(ann, [bob]);
  const { page } = await stage.enter(bob, { path: '/find' });
  const entry = page.getByRole('button', { name: /^Tea/ });
  await entry.first().waitFor();
  const { id } = (await post(ann, circle, { text: `@${bob.username} come quick` })).body;
  await entry.filter({ hasText: '1 unread message, 1 mention' }).waitFor();
  await ann.call(`DELETE ${messagesOf(circle)}/${id}`);
  await entry.filter({ hasText: 'unread' }).waitFor({ state: 'detached' });
  await until(async () => (await page.title()) === 'Find a circle · Oshi');
});

it('a user is found by the name shown on the page', async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Robert')];
  await makeCircle(ann, [bob]);
  const { page } = await stage.enter(ann);
  await page.getByRole('button', { name: 'New direct message' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'New direct message' });
  await dialog.getByLabel('Username').fill('robert');
  await dialog.getByRole('button', { name: 'Start conversation' }).click();
  await dialog.getByRole('button', { name: `Robert @${bob.username}` }).click();
  await page.getByRole('main', { name: 'Robert' }).waitFor();
});

it('files, and anything dropped outside a field, do not replace the page', async () => {
  const ann = await stage.account('Ann');
  const { page } = await stage.enter(ann, { path: `/c/${await makeCircle(ann)}` });
  await composer(page).waitFor();
  await page.locator('.timeline').waitFor();
  const isTaken = (selector: string, kind: 'file' | 'text') =>
    page.evaluate(
      ([where, what]) => {
        const dataTransfer = new DataTransfer();
        if (what === 'file') dataTransfer.items.add(new File(['x'], 'x.txt'));
        else dataTransfer.setData('text/plain', 'x');
        const event = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
        return document.querySelector(where ?? '')?.dispatchEvent(event);
      },
      [selector, kind],
    );
  expect(await isTaken('.timeline', 'file')).toBe(false);
  expect(await isTaken('.composer textarea', 'file')).toBe(false);
  expect(await isTaken('.timeline', 'text')).toBe(false);
  expect(await isTaken('.composer textarea', 'text')).toBe(true);
});

it('there are no other console errors', () => {
  expect(stage.consoleErrors().filter((error) => !/status of 404/.test(error))).toEqual([]);
});
