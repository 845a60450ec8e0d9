import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import { testInBrowser } from '../support/fixtures/browser.ts';
import { composer, messageWith, waitForMessage } from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, password, post } from '../support/fixtures/server-people.ts';

/** The maximum number of tab stops on the way. */
const stopsMax = 80;

const hasFocus = (element: Locator): Promise<boolean> =>
  element.evaluate((node) => node === document.activeElement);

const focused = (element: Locator, what: string): Promise<void> =>
  until(() => hasFocus(element), `the focus is on ${what}`);

/** Presses Tab, or another key, until the element has the focus. */
const walkTo = async (element: Locator, key = 'Tab'): Promise<void> => {
  await element.waitFor({ state: 'attached' });
  const page = element.page();
  for (let stop = 0; stop < stopsMax; stop += 1) {
    if (await hasFocus(element)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`no ${key} leads to ${element}`);
};

const logIn = async (page: Page, username: string): Promise<void> => {
  const form = page.getByRole('form', { name: 'Log in' });
  await walkTo(form.getByLabel('Username'));
  await page.keyboard.type(username);
  await walkTo(form.getByLabel('Password'));
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await form.waitFor({ state: 'detached' });
};

/** Opens a stream or a user by a few letters. */
const jump = async (page: Page, letters: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  await focused(page.getByRole('combobox', { name: /^Jump to/ }), 'the line of the switcher');
  await page.keyboard.type(letters);
  await page.getByRole('option', { name: letters }).first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
};

const it = testInBrowser;
const stage = usePageStage();

it('logs in, finds a stream, posts, reacts and replies', async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(bob, [ann]);
  await post(bob, circle, { text: 'Who is there?' });
  const { page } = await stage.visit();
  await logIn(page, ann.username);
  await page.getByRole('button', { name: /^Tea/ }).first().waitFor();
  await jump(page, 'general');
  await messageWith(page, 'Who is there?').waitFor();
  await focused(composer(page), 'the line in which one writes');
  await page.keyboard.type('I am');
  await page.keyboard.press('Enter');
  await waitForMessage(page, 'I am');

  await walkTo(messageWith(page, 'I am'), 'Shift+Tab');
  await page.keyboard.press('ArrowUp');
  const question = messageWith(page, 'Who is there?');
  await focused(question, 'the message above');
  await walkTo(question.getByRole('button', { name: 'React', exact: true }));
  await page.keyboard.press('Enter');
  const picker = page.getByRole('dialog', { name: 'Choose an emoji' });
  await focused(picker.getByRole('textbox'), 'the line of the picker');
  await walkTo(picker.getByRole('button', { name: '👍 thumbs up' }));
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await question.getByRole('button', { name: '❤️, 1 reaction' }).waitFor();
  await focused(question.getByRole('button', { name: 'React', exact: true }), '“React” again');

  await page.keyboard.press('Tab');
  await focused(question.getByRole('button', { name: 'Reply' }), '“Reply”');
  await page.keyboard.press('Enter');
  await focused(composer(page), 'the line in which one writes');
  await page.getByText('Replying to Bob').waitFor();
  await page.keyboard.type('Nobody else, it seems');
  await page.keyboard.press('Enter');
  await messageWith(page, 'Nobody else')
    .getByRole('button', { name: 'In reply to Bob, go to the message' })
    .waitFor();
});

it('edits the last message by the arrow key, and cancels by Escape', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  await post(ann, circle, { text: 'A misteak' });
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await messageWith(page, 'A misteak').waitFor();
  await focused(composer(page), 'the line in which one writes');
  await page.keyboard.press('ArrowUp');
  const line = page.getByRole('textbox', { name: 'Edit your message' });
  await until(async () => (await line.inputValue()) === 'A misteak');
  await page.keyboard.press('Escape');
  await composer(page).waitFor();
  await page.keyboard.press('ArrowUp');
  await until(async () => (await line.inputValue()) === 'A misteak');
  await focused(line, 'the line in which one edits');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('A mistake');
  await page.keyboard.press('Enter');
  await messageWith(page, 'A mistake').getByRole('button', { name: '(edited)' }).waitFor();
});

it('closes overlays by Escape, and restores the focus', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  await post(ann, circle, { text: 'Something' });
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await messageWith(page, 'Something').waitFor();
  await focused(composer(page), 'the line in which one writes');
  await page.keyboard.press('Control+k');
  const switcher = page.getByRole('dialog', { name: 'Jump to' });
  await focused(switcher.getByRole('combobox'), 'the line of the switcher');
  await page.keyboard.press('Escape');
  await switcher.waitFor({ state: 'detached' });
  await focused(composer(page), 'the line in which one writes');

  const write = page.getByRole('button', { name: 'New direct message' });
  await walkTo(write, 'Shift+Tab');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New direct message' });
  await focused(dialog.getByLabel('Username'), 'the first field');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await focused(write, 'what opened the dialog');

  const add = page.getByRole('button', { name: 'Add a circle' });
  await walkTo(add, 'Shift+Tab');
  await page.keyboard.press('Enter');
  const item = page.getByRole('menuitem', { name: 'Create a circle' });
  await focused(item, 'the first item of the menu');
  await page.keyboard.press('ArrowDown');
  await focused(page.getByRole('menuitem', { name: 'Find a circle' }), 'the second item');
  await page.keyboard.press('Escape');
  await item.waitFor({ state: 'detached' });
  await focused(add, 'what opened the menu');

  await page.keyboard.press('Enter');
  await focused(item, 'the first item of the menu');
  await page.keyboard.press('Enter');
  const made = page.getByRole('dialog', { name: 'Create a circle' });
  await focused(made.getByLabel('Name'), 'the first field');
  await page.keyboard.press('Escape');
  await made.waitFor({ state: 'detached' });
  await focused(add, 'what opened the menu');
});

it('there are no console errors', () => {
  expect(stage.consoleErrors()).toEqual([]);
});
