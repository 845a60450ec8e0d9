import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import { beforeBrowserTests, testInBrowser, type Visitor } from '../support/fixtures/browser.ts';
import {
  choose,
  chooseAction,
  clickAction,
  composer,
  createCircleOnPage,
  createInviteLink,
  messages,
  messageWith,
  react,
  sendMessage,
  signUp,
  textsMatching,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, messagesOf, post } from '../support/fixtures/server-people.ts';

const streamLink = (page: Page, name: string | RegExp) =>
  page.getByRole('navigation', { name: /^Circles/ }).getByRole('link', { name });

const it = testInBrowser;
const stage = usePageStage();
let ada: Visitor;
let ben: Visitor;

beforeBrowserTests(async () => {
  ada = await stage.visit();
  await signUp(ada.page, 'ada', 'Ada Byron');
  await createCircleOnPage(ada.page, 'Night gardeners');
  const link = await createInviteLink(ada.page);
  ben = await stage.visit(link);
  await signUp(ben.page, 'ben', 'Ben Okri');
  await ben.page.getByRole('button', { name: 'Join Night gardeners' }).click();
  await composer(ben.page).waitFor();
});

it('two users exchange messages', async () => {
  await sendMessage(ada.page, 'Good evening, everybody');
  await waitForMessage(ben.page, 'Good evening, everybody');
  await sendMessage(ben.page, 'Evening, Ada!');
  await waitForMessage(ada.page, 'Evening, Ada!');
  await waitForMessage(ada.page, 'Good evening, everybody');
  expect(await messageWith(ada.page, 'Evening, Ada!').getAttribute('aria-label')).toMatch(
    /^Ben Okri, /,
  );
});

it('they reply to each other; a reply links to its original', async () => {
  await clickAction(ben.page, 'Good evening', 'Reply');
  await ben.page.getByText('Replying to Ada Byron').waitFor();
  await sendMessage(ben.page, 'How are the moonflowers?');
  const answer = messageWith(ada.page, 'How are the moonflowers?');
  await answer.getByRole('button', { name: 'In reply to Ada Byron, go to the message' }).click();
  const label = () => ada.page.evaluate(() => document.activeElement?.textContent ?? '');
  await until(
    async () => (await label()).includes('Good evening'),
    'the original message has the focus',
  );
});

it('they edit messages; all members can read the earlier versions', async () => {
  await clickAction(ben.page, 'moonflowers', 'Edit');
  const line = ben.page.getByRole('textbox', { name: 'Edit your message' });
  await until(async () => (await line.inputValue()) === 'How are the moonflowers?');
  await line.fill('How are the moonflowers tonight?');
  await line.press('Enter');
  const edited = messageWith(ada.page, 'moonflowers tonight?');
  await edited.getByRole('button', { name: '(edited)' }).click();
  const versions = ada.page.getByRole('dialog', { name: 'Edit history' });
  await versions.getByText('How are the moonflowers?', { exact: true }).waitFor();
  await versions.getByText('How are the moonflowers tonight?', { exact: true }).waitFor();
  await versions.getByRole('button', { name: 'Close' }).click();
});

it('they delete messages; a tombstone stays', async () => {
  await sendMessage(ben.page, 'A slip of the finger');
  await waitForMessage(ada.page, 'A slip of the finger');
  await waitForMessage(ben.page, 'A slip of the finger');
  await chooseAction(ben.page, 'A slip of the finger', 'Delete');
  const question = ben.page.getByRole('dialog', { name: 'Delete this message?' });
  await question.getByRole('button', { name: 'Delete', exact: true }).click();
  for (const { page } of [ada, ben]) {
    await messageWith(page, 'This message was deleted.').waitFor();
    await until(async () => (await messageWith(page, 'A slip').count()) === 0);
  }
});

it('they react to messages of others and their own, and remove reactions', async () => {
  await react(ada.page, 'Evening, Ada!', '❤️ heart');
  const heart = (page: Page, count: string) =>
    messageWith(page, 'Evening, Ada!').getByRole('button', { name: `❤️, ${count}` });
  await heart(ben.page, '1 reaction').waitFor();
  await react(ben.page, 'Evening, Ada!', '❤️ heart');
  await heart(ada.page, '2 reactions').waitFor();
  await heart(ben.page, '2 reactions').waitFor();
  expect(await heart(ben.page, '2 reactions').getAttribute('aria-pressed')).toBe('true');
  await heart(ben.page, '2 reactions').click();
  await heart(ada.page, '1 reaction').waitFor();
  expect(await heart(ada.page, '1 reaction').getAttribute('aria-pressed')).toBe('true');
  await heart(ada.page, '1 reaction').click();
  await heart(ben.page, '').waitFor({ state: 'detached' });
});

it('they see who is typing, until the message is posted', async () => {
  await composer(ben.page).fill('The night is ');
  // Typing is throttled, so he types until she sees it.
  await until(async () => {
    await composer(ben.page).press('g');
    return ada.page.getByText('Ben Okri is typing…').isVisible();
  }, 'she sees that he writes');
  await composer(ben.page).press('Enter');
  await waitForMessage(ada.page, 'The night is');
  await ada.page.getByText('Ben Okri is typing…').waitFor({ state: 'detached' });
});

it('they see unread messages and mentions in another stream', async () => {
  await choose(ada.page.getByRole('main'), 'More', 'New stream');
  const dialog = ada.page.getByRole('dialog', { name: /^New stream/ });
  await dialog.getByLabel('Name').fill('seedlings');
  await dialog.getByRole('button', { name: 'Create stream' }).click();
  await ada.page.getByRole('main', { name: '#seedlings' }).waitFor();
  await streamLink(ben.page, 'seedlings').waitFor();
  await sendMessage(ada.page, 'First leaves are out');
  await streamLink(ben.page, 'seedlings , 1 unread message').waitFor();

  await composer(ada.page).pressSequentially('Look, @be', { delay: 20 });
  const offered = ada.page.getByRole('listbox', { name: 'People to mention' });
  await offered.getByRole('option', { name: /Ben Okri/ }).waitFor();
  await composer(ada.page).press('Enter');
  expect(await composer(ada.page).inputValue()).toBe('Look, @ben ');
  await composer(ada.page).press('Enter');
  await streamLink(ben.page, /seedlings.*2 unread messages, 1 mention/).waitFor();
  await until(
    async () => /^\(\d+\) #general · Night gardeners · Oshi$/.test(await ben.page.title()),
    'a count in the title',
  );

  await streamLink(ben.page, /seedlings/).click();
  await messageWith(ben.page, 'Look, ').getByRole('button', { name: '@Ben Okri' }).waitFor();
  await streamLink(ben.page, /^seedlings$/).waitFor();
  await until(
    async () => (await ben.page.title()) === '#seedlings · Night gardeners · Oshi',
    'no count in the title',
  );
  await streamLink(ben.page, /^general$/).click();
  await streamLink(ada.page, /general/).click();
  await messageWith(ada.page, 'Evening, Ada!').waitFor();
});

it('they see who is online, and who went offline', async () => {
  const members = ada.page.getByRole('complementary', { name: 'Members' });
  const entry = (group: string, name: RegExp) =>
    members.getByRole('region', { name: group }).getByRole('button', { name });
  await entry('Online', /^Ben Okri.*, online$/).waitFor();
  const cleo = await stage.account('Cleo');
  const { page } = await stage.enter(cleo, { path: await createInviteLink(ada.page) });
  await page.getByRole('button', { name: 'Join Night gardeners' }).click();
  await entry('Online', /^Cleo.*, online$/).waitFor();
  await page.close();
  await entry('Offline', /^Cleo/).waitFor();
});

it('they are notified of a direct conversation opened by the other', async () => {
  await ada.page.getByRole('region', { name: 'Online' }).getByText('Ben Okri').click();
  await ada.page.getByRole('button', { name: 'Send a message' }).click();
  await ada.page.getByRole('main', { name: 'Ben Okri' }).waitFor();
  await sendMessage(ada.page, 'Between you and me');
  const entry = ben.page
    .getByRole('region', { name: 'Direct messages' })
    .getByRole('link', { name: /^Ada Byron.*1 unread message/ });
  await entry.click();
  await waitForMessage(ben.page, 'Between you and me');
  await sendMessage(ben.page, 'I can keep a secret');
  await waitForMessage(ada.page, 'I can keep a secret');
});

const slow = { timeout: 120_000 };

it(
  'read messages from before they joined: complete, in order, without duplicates',
  slow,
  async () => {
    const count = 450;
    const owner = await stage.account('Dora');
    const circle = await makeCircle(owner);
    for (let line = 1; line <= count; line += 1) {
      const { status, text } = await post(owner, circle, { text: `line ${line}` });
      if (status !== 201) throw new Error(`posting to ${messagesOf(circle)}: ${text}`);
    }
    const { page } = await stage.enter(owner, { path: `/c/${circle}` });
    await messageWith(page, `line ${count}`).waitFor();
    expect(await readBack(page)).toEqual(Array.from({ length: count }, (_, at) => at + 1));
    await page.getByRole('button', { name: 'Jump to newest' }).click();
    await messageWith(page, `line ${count}`).waitFor();
  },
);

it('there are no console errors', () => {
  expect(stage.consoleErrors()).toEqual([]);
});

/** The numbers of all messages from the first to the newest, read by scrolling up, without gaps in view. */
const readBack = async (page: Page): Promise<number[]> => {
  const seen = new Set<number>();
  const look = async (): Promise<number> => {
    const lines = (await textsMatching(page, /line \d+/g)).map((line) => Number(line.slice(5)));
    const [first = 0] = lines;
    expect(lines).toEqual(lines.map((_, at) => first + at));
    for (const line of lines) seen.add(line);
    return first;
  };
  const [first] = [messages(page).first()];
  for (let top = await look(); top > 1; ) {
    await first.hover();
    await page.mouse.wheel(0, -4000);
    await until(async () => {
      const next = await look();
      const isFarther = next < top;
      top = next;
      return isFarther || next === 1;
    }, 'older messages are shown');
  }
  return [...seen].sort((a, b) => a - b);
};
