import type { Locator, Page } from 'playwright-core';
import { until } from './waiting.ts';

/** A new account, made on the page. */
export const signUp = async (page: Page, username: string, displayName: string): Promise<void> => {
  await page.getByRole('button', { name: 'Create an account' }).click();
  const form = page.getByRole('form', { name: 'Create an account' });
  await form.getByLabel('Username').fill(username);
  await form.getByLabel('Display name').fill(displayName);
  await form.getByLabel('Password').fill('correct horse battery');
  await form.getByRole('button', { name: 'Create account' }).click();
  await form.waitFor({ state: 'detached' });
};

/** Makes a circle from where one arrives, and is in its first stream then. */
export const makeCircleOnPage = async (page: Page, name: string): Promise<void> => {
  await page.getByRole('button', { name: /^Create a circle/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a circle' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Create circle' }).click();
  await composer(page).waitFor();
};

/** Chooses something from a menu, by the button that opens it. */
export const choose = async (within: Page | Locator, menu: string, item: string): Promise<void> => {
  await within.getByRole('button', { name: menu, exact: true }).click();
  await within.getByRole('menu').getByRole('menuitem', { name: item, exact: true }).click();
};

/** A fresh link into the circle that is shown. */
export const makeInviteLink = async (page: Page): Promise<string> => {
  await choose(page.getByRole('main'), 'More', 'Invite people');
  const dialog = page.getByRole('dialog', { name: /^Invite people/ });
  await dialog.getByRole('button', { name: 'Create link' }).click();
  const link = await dialog.getByLabel('Invite link').first().inputValue();
  await dialog.getByRole('button', { name: 'Close' }).click();
  return link;
};

/** The line in which one writes. */
export const composer = (page: Page): Locator => page.getByRole('textbox', { name: /^Message / });

/** Writes something and sends it, as at a desktop. */
export const say = async (page: Page, text: string): Promise<void> => {
  await composer(page).fill(text);
  await composer(page).press('Enter');
};

/** What was said so far and is shown, from top to bottom; what is on its way is below it. */
export const messages = (page: Page): Locator =>
  page.getByRole('region', { name: /^Messages in/ }).getByRole('article');

/** The messages that hold a text. */
export const messageWith = (page: Page, text: string): Locator =>
  messages(page).filter({ hasText: text });

/** Waits until a text stands on the page, by number and time: it is on its way no more. */
export const stands = async (page: Page, text: string): Promise<void> => {
  await messageWith(page, text).first().waitFor();
  await until(
    async () => {
      const labels = await messageWith(page, text).evaluateAll((articles) =>
        articles.map((article) => article.getAttribute('aria-label') ?? ''),
      );
      return labels.length > 0 && labels.every((label) => !/, (sending|not sent)$/.test(label));
    },
    () => `“${text}” stands`,
  );
};

/** The parts of what is shown that fit, from top to bottom. */
export const shown = async (page: Page, pattern: RegExp): Promise<string[]> => {
  const texts = await messages(page).allTextContents();
  return texts.flatMap((text) => text.match(pattern) ?? []);
};

/** Does something with a message by the buttons that appear beside it, under the pointer or after a tap. */
export const act = async (page: Page, text: string, action: string): Promise<void> => {
  const message = messageWith(page, text).last();
  const isTouched = await page.evaluate('matchMedia("(hover: none)").matches');
  // A tap beside the text: what stands in it may be there to be tapped itself.
  await (isTouched ? message.tap({ position: { x: 200, y: 8 } }) : message.hover());
  await message.getByRole('toolbar').getByRole('button', { name: action, exact: true }).click();
};

/** Reacts to a message with one of the emoji that are offered. */
export const react = async (page: Page, text: string, words: string): Promise<void> => {
  await act(page, text, 'React');
  const picker = page.getByRole('dialog', { name: 'Choose an emoji' });
  await picker.getByRole('button', { name: words }).click();
};

/** Chooses something from the menu of a message. */
export const actMore = async (page: Page, text: string, item: string): Promise<void> => {
  await act(page, text, 'More actions');
  await page.getByRole('menuitem', { name: item, exact: true }).click();
};
