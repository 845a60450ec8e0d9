import { expect } from 'vitest';
import { screens, testInBrowser } from '../support/fixtures/browser.ts';
import {
  choose,
  clickAction,
  composer,
  messageWith,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, type Person, post } from '../support/fixtures/server-people.ts';
import { type View, viewAt } from './screenshots.ts';

const it = testInBrowser;
const stage = usePageStage();

const long = {
  word: 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'.repeat(4),
  link: `https://example.org/${'a-long-path/'.repeat(30)}`,
  code: ['```', 'const row = '.repeat(30), '```'].join('\n'),
  circle: 'The society of friends of unusually long and winding names of circles',
  stream: 'everything-that-has-a-name-which-does-not-fit-into-one-line-of-a-list',
};

/** A user in a circle with very long texts. */
const prepared = async (): Promise<Person> => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(bob, [ann]);
  await bob.call(`PATCH /v1/circles/${circle}`, { name: long.circle });
  const topic = long.word.slice(0, 200);
  await bob.call(`PATCH /v1/circles/${circle}/streams/${circle}`, { name: long.stream, topic });
  await post(bob, circle, { text: `${long.word}\n\n${long.link}` });
  await post(bob, circle, { text: long.code });
  await post(bob, circle, { text: `Tonight we look at the moonflowers, @${ann.username}!` });
  await bob.call(`PUT /v1/directs/${ann.id}`, {});
  return ann;
};

const openStream = async ({ page, isPhone, capture }: View): Promise<void> => {
  const list = page.getByRole('navigation', { name: /^Circles/ });
  const circle = list.getByRole('button', { name: /^The society/ }).first();
  await circle.waitFor();
  await list.getByRole('link', { name: /Bob/ }).waitFor();
  await capture('home');
  await circle.click();
  const stream = list.getByRole('link', { name: /^everything/ });
  if (isPhone) {
    await stream.waitFor();
    await capture('streams');
    await stream.click();
    await list.waitFor({ state: 'detached' });
  }
  await messageWith(page, 'moonflowers').waitFor();
  await capture('conversation');
  if (isPhone) {
    await page.getByRole('button', { name: 'Back to list' }).click();
    await stream.waitFor();
    // It went back to the list, the previous view.
    await page.goForward();
    await messageWith(page, 'moonflowers').waitFor();
  }
};

const postAndReact = async ({ page, capture }: View): Promise<void> => {
  await composer(page).fill(`Shall we?\n${long.word}`);
  await page.getByRole('button', { name: 'Send' }).click();
  await waitForMessage(page, 'Shall we?');
  await page
    .getByRole('button', { name: /Jump to newest|new message/ })
    .waitFor({ state: 'hidden' });
  await capture('posted');
  await clickAction(page, 'moonflowers', 'React');
  const picker = page.getByRole('dialog', { name: 'Choose an emoji' });
  await picker.waitFor();
  await capture('picker');
  await picker.getByRole('button', { name: '🌸 blossom' }).click();
  await page.getByRole('button', { name: '🌸, 1 reaction' }).waitFor();
  await clickAction(page, 'Shall we?', 'More actions');
  await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
  await capture('message-menu');
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const question = page.getByRole('dialog', { name: 'Delete this message?' });
  await question.waitFor();
  await capture('question');
  await question.getByRole('button', { name: 'Cancel' }).click();
  await clickAction(page, 'Shall we?', 'Reply');
  await page.getByText('Replying to Ann').waitFor();
  await capture('answering');
  await composer(page).fill('At ten, by the gate');
  await page.getByRole('button', { name: 'Send' }).click();
  await waitForMessage(page, 'At ten, by the gate');
  await capture('answered');
};

const openPeople = async ({ page, isPhone, capture }: View): Promise<void> => {
  const members = page.getByRole(isPhone ? 'main' : 'complementary', { name: 'Members' });
  const bob = members.getByRole('button', { name: /^Bob/ });
  if (isPhone) await page.getByRole('button', { name: 'Members' }).click();
  await bob.waitFor();
  await capture('members');
  await bob.click();
  const card = page.getByRole('dialog', { name: 'Bob' });
  await card.getByRole('button', { name: 'Send a message' }).waitFor();
  await capture('person');
  await card.getByRole('button', { name: 'Close' }).click();
  await members.getByRole('button', { name: 'Close members' }).click();
  await messageWith(page, 'At ten').waitFor();
  await choose(page.getByRole('main'), 'More', 'Your nickname here');
  const nickname = page.getByRole('dialog', { name: /^Your nickname/ });
  await nickname.waitFor();
  await capture('nickname');
  await nickname.getByRole('button', { name: 'Cancel' }).click();
};

const openOtherViews = async ({ page, isPhone, capture }: View): Promise<void> => {
  if (isPhone) await page.getByRole('button', { name: 'Back to list' }).click();
  await page.getByRole('button', { name: /^Jump to/ }).click();
  const switcher = page.getByRole('dialog', { name: 'Jump to' });
  await switcher.getByRole('option').first().waitFor();
  await capture('switcher');
  await switcher.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('link', { name: /Settings/ }).click();
  for (const section of ['Profile', 'Password', 'Sessions', 'Appearance']) {
    await page.getByRole('link', { name: section, exact: true }).click();
    await page.getByRole('region', { name: section }).waitFor();
    await capture(`settings-${section.toLowerCase()}`);
  }
  await page.goto('/find');
  await page.getByRole('heading', { name: long.circle }).first().waitFor();
  await capture('find');
};

for (const screen of screens) {
  it(`the page fits a ${screen.name}, and everything on it is within reach`, async () => {
    const stranger = await stage.visit('/', screen.options);
    await stranger.page.getByRole('form', { name: 'Log in' }).waitFor();
    await viewAt(stranger.page, screen).capture('log-in');
    const { page } = await stage.enter(await prepared(), screen.options);
    const at = viewAt(page, screen);
    await openStream(at);
    await postAndReact(at);
    await openPeople(at);
    await openOtherViews(at);
  });
}

it('there are no console errors', () => {
  expect(stage.consoleErrors()).toEqual([]);
});
