import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import {
  beforeBrowserTests,
  type Screen,
  screens,
  testInBrowser,
} from '../support/fixtures/browser.ts';
import {
  choose,
  chooseAction,
  clickAction,
  composer,
  messageWith,
} from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, messagesOf, type Person, post } from '../support/fixtures/server-people.ts';
import { expectAccessible, expectOverlayAccessible } from './accessibility.ts';

const it = testInBrowser;
const stage = usePageStage();

const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });

let ann: Person;
let circle: string;

beforeBrowserTests(async () => {
  ann = await stage.account('Ann');
  const bob = await stage.account('Bob');
  circle = await makeCircle(ann, [bob]);
  await post(bob, circle, { text: 'See https://example.org, `code` and **more**' });
  await post(bob, circle, { text: `> quoted\n\n\`\`\`\ncode\n\`\`\`\nHello @${ann.username}` });
  const { id } = (await post(ann, circle, { text: 'A first try' })).body;
  const path = `${messagesOf(circle)}/${id}`;
  await ann.call(`PATCH ${path}`, { text: 'A second try' });
  await bob.call(`PUT ${path}/reactions/${encodeURIComponent('🎉')}`);
  await ann.call(`PUT ${path}/pin`);
  const gone = (await post(bob, circle, { text: 'Never mind' })).body.id;
  await bob.call(`DELETE ${messagesOf(circle)}/${gone}`);
  await ann.call(`PUT /v1/directs/${bob.id}`, {});
});

const checkLogin = async ({ options }: Screen): Promise<void> => {
  const { page } = await stage.visit('/', options);
  await page.getByRole('form', { name: 'Log in' }).waitFor();
  await expectAccessible(page, 'log-in');
  await page.getByLabel('Username').fill('nobody');
  await page.getByLabel('Password').fill('not a password');
  await page.keyboard.press('Enter');
  await page.getByText('Incorrect username or password').waitFor();
  await expectAccessible(page, 'a log-in that was refused');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expectAccessible(page, 'registering');
  const eve = await stage.enter(await stage.account('Eve'), options);
  await eve.page.getByRole('button', { name: /^Create a circle/ }).waitFor();
  await expectAccessible(eve.page, 'an empty start');
};

const checkConversation = async (page: Page): Promise<void> => {
  await messageWith(page, 'A second try').waitFor();
  await expectAccessible(page, 'conversation');
  await composer(page).fill('@b');
  await page.getByRole('listbox', { name: 'People to mention' }).waitFor();
  await expectAccessible(page, 'a mention');
  await composer(page).fill('');
  await clickAction(page, 'A second try', 'Reply');
  await page.getByText('Replying to Ann').waitFor();
  await expectAccessible(page, 'answering');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await clickAction(page, 'A second try', 'React');
  await expectOverlayAccessible(dialog(page, 'Choose an emoji'), 'emoji');
  await clickAction(page, 'A second try', 'More actions');
  await expectOverlayAccessible(page.getByRole('menu'), 'the menu of a message');
  await chooseAction(page, 'A second try', 'Delete');
  await expectOverlayAccessible(dialog(page, 'Delete this message?'), 'a question');
  await chooseAction(page, 'A second try', 'Edit history');
  await page.getByText('A first try').waitFor();
  await expectOverlayAccessible(dialog(page, 'Edit history'), 'earlier versions');
};

const checkPanes = async (page: Page, isPhone: boolean): Promise<void> => {
  if (isPhone) await page.getByRole('button', { name: 'Members' }).click();
  const members = page.getByRole(isPhone ? 'main' : 'complementary', { name: 'Members' });
  await members.getByRole('button', { name: /^Bob/ }).waitFor();
  await expectAccessible(page, 'members');
  await members.getByRole('button', { name: /^Bob/ }).click();
  await expectOverlayAccessible(dialog(page, 'Bob'), 'a person');
  await members.getByRole('button', { name: 'Close members' }).click();
  await page.getByRole('button', { name: 'Pinned messages' }).click();
  const pins = page.getByRole(isPhone ? 'main' : 'complementary', { name: 'Pinned messages' });
  await pins.getByText('A second try').waitFor();
  await expectAccessible(page, 'pins');
  await pins.getByRole('button', { name: 'Close pinned messages' }).click();
};

const checkCircleDialogs = async (page: Page): Promise<void> => {
  const main = page.getByRole('main');
  await choose(main, 'More', 'Invite people');
  const invites = dialog(page, /^Invite people/);
  await invites.getByRole('button', { name: 'Create link' }).click();
  await invites.getByLabel('Invite link').first().waitFor();
  await expectOverlayAccessible(invites, 'invites');
  for (const [item, title] of [
    ['New stream', /^New stream/],
    ['Circle settings', 'Circle settings'],
    ['Stream settings', 'Stream settings'],
    ['Your nickname here', /^Your nickname/],
  ] as const) {
    await choose(main, 'More', item);
    await expectOverlayAccessible(dialog(page, title), item);
  }
};

const checkOtherViews = async (page: Page, isPhone: boolean): Promise<void> => {
  if (isPhone) await page.getByRole('button', { name: 'Back to list' }).click();
  await page.getByRole('button', { name: /^Jump to/ }).click();
  await dialog(page, 'Jump to').getByRole('option').first().waitFor();
  await expectOverlayAccessible(dialog(page, 'Jump to'), 'the switcher');
  await page.getByRole('button', { name: 'New direct message' }).first().click();
  await expectOverlayAccessible(dialog(page, 'New direct message'), 'a new conversation');
  for (const item of ['Create a circle', 'Join with a link']) {
    await choose(page.getByRole('region', { name: 'Circles' }), 'Add a circle', item);
    await expectOverlayAccessible(dialog(page, item), item);
  }
  await page.goto('/');
  await page.getByRole('button', { name: /^Tea/ }).first().waitFor();
  await expectAccessible(page, 'home');
  for (const section of ['profile', 'password', 'sessions', 'appearance']) {
    await page.goto(`/settings/${section}`);
    await page.getByRole('region', { name: new RegExp(section, 'i') }).waitFor();
    if (section === 'sessions') await page.getByText('current').waitFor();
    await expectAccessible(page, `settings, ${section}`);
  }
  await page.goto('/find');
  await page.getByRole('heading', { name: 'Tea' }).waitFor();
  await expectAccessible(page, 'finding a circle');
  await page.goto('/invite/none-such-invite');
  await page.getByRole('heading', { name: 'Invalid invite' }).waitFor();
  await expectAccessible(page, 'an invite that leads nowhere');
};

for (const screen of screens) {
  const { name, isPhone, options } = screen;

  it(`login and the first steps are accessible on a ${name}`, () => checkLogin(screen));

  it(`conversations are accessible on a ${name}`, async () => {
    const { page } = await stage.enter(ann, { path: `/c/${circle}`, ...options });
    await checkConversation(page);
    await checkPanes(page, isPhone);
  });

  it(`settings are accessible on a ${name}`, async () => {
    const { page } = await stage.enter(ann, { path: `/c/${circle}`, ...options });
    await checkCircleDialogs(page);
    await checkOtherViews(page, isPhone);
  });
}

it('there are no console errors', () => {
  // Expected errors.
  const refused = /status of (401|410)/;
  expect(stage.consoleErrors().filter((error) => !refused.test(error))).toEqual([]);
});
