import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { until } from '../support/checkers/waiting.ts';
import {
  beforeBrowserTests,
  type Screen,
  screens,
  testInBrowser,
} from '../support/fixtures/browser.ts';
import { choose, composer, messageWith } from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, messagesOf, type Person, post } from '../support/fixtures/server-people.ts';
import { expectAccessible } from './accessibility.ts';
import { viewAt } from './screenshots.ts';

const it = testInBrowser;
const stage = usePageStage();

const hostile = '<img src=x onerror="window.hacked=1">';
const longWord = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen'.repeat(6);

let ann: Person;
let bob: Person;
let circle: string;

/** Advances the clocks, so that the next event is later. */
const moment = async (): Promise<void> => {
  const before = Date.now();
  await until(() => Date.now() > before + 20);
};

/** Sends a request, and advances the clocks. */
const perform = async (person: Person, request: string, body?: unknown): Promise<void> => {
  const { status, text } = await person.call(request, body);
  if (status >= 300) throw new Error(`${request}: ${status} ${text}`);
  await moment();
};

/** Bob joins, posts, edits, and is removed; Ann renames, creates a stream, deletes. */
const makeHistory = async (): Promise<void> => {
  const path = messagesOf(circle);
  const edited = (await post(bob, circle, { text: 'Shall we meet at nine?' })).body.id;
  await moment();
  await perform(bob, `PATCH ${path}/${edited}`, { text: 'Shall we meet at ten?' });
  const deleted = (await post(bob, circle, { text: 'Never mind' })).body.id;
  await moment();
  await perform(ann, `PUT ${path}/${edited}/pin`);
  await perform(bob, `DELETE ${path}/${deleted}`);
  await perform(ann, `PATCH /v1/circles/${circle}`, {
    name: 'Coffee',
    about: `${hostile} ${longWord}`,
  });
  await perform(ann, `PUT /v1/circles/${circle}/streams/${uuid7()}`, { name: 'beans' });
  await perform(ann, `DELETE /v1/circles/${circle}/members/${bob.id}`);
  await perform(ann, `PATCH /v1/circles/${circle}`, { name: 'Coffee and tea' });
};

beforeBrowserTests(async () => {
  [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  circle = await makeCircle(ann);
  await moment();
  await perform(bob, `PUT /v1/circles/${circle}/members/me`, {});
  await makeHistory();
});

const log = (page: Page): Locator => page.getByRole('region', { name: 'Events' });
/** A select field. */
const choice = (within: Locator, name: string): Locator =>
  within.getByRole('combobox', { name, exact: true });
const entryWith = (page: Page, text: string): Locator =>
  log(page).getByRole('listitem').filter({ hasText: text });
const past = (page: Page): Locator => page.getByRole('region', { name: /^(Current|Past) state$/ });
const marked = (page: Page): Locator => log(page).locator('[aria-current=true]');
const members = (page: Page): Locator => past(page).getByRole('region', { name: 'Members' });

/** Selects one view on narrow screens. */
const selectTab = async (page: Page, isPhone: boolean, part: string): Promise<void> => {
  if (isPhone) await page.getByRole('tab', { name: part }).click();
};

const open = async (person: Person, path = `/history/${circle}`, screen?: Screen) =>
  stage.enter(person, { path, ...screen?.options });

it('shows the events to the owner, as sentences, newest first', async () => {
  const { page } = await open(ann, `/c/${circle}/${circle}`);
  await composer(page).waitFor();
  await choose(page.getByRole('main'), 'More', 'History');
  await entryWith(page, 'Ann removed Bob').waitFor();
  const sentences = await log(page).locator('.sentence').allTextContents();
  expect(sentences.slice(0, 11)).toEqual([
    'Ann renamed the circle: “Coffee” → “Coffee and tea”',
    'Ann removed Bob',
    'Ann opened #beans',
    'Ann created the stream #beans',
    expect.stringContaining(
      '“Coffee”; changed the description of the circle: (empty) → “<img src=x',
    ),
    'Bob deleted a message in #general: “Never mind”',
    expect.stringMatching(/^Ann pinned a message (of Bob )?in #general$/),
    'Bob wrote in #general: “Never mind”',
    'Bob edited a message in #general: “Shall we meet at nine?” → “Shall we meet at ten?”',
    'Bob wrote in #general: “Shall we meet at nine?”',
    'Bob joined',
  ]);
  expect(sentences.at(-1)).toBe('Ann created the public circle “Tea”');
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
});

it('is filtered by actor, affected member, kind, stream and time', async () => {
  const { page } = await open(ann);
  await entryWith(page, 'Ann removed Bob').waitFor();
  const filters = page.getByRole('form', { name: 'Filters' });
  const clear = filters.getByRole('button', { name: 'Clear filters' });
  const count = (): Promise<number> => log(page).locator('.entry').count();
  const all = await count();
  await choice(filters, 'Kind').selectOption({ label: 'Member removed' });
  await until(async () => (await count()) === 1, 'one entry');
  await choice(filters, 'Kind').selectOption({ label: 'any' });
  await until(async () => (await count()) === all, 'all entries');
  await filters.getByLabel('Actor').fill(`@${bob.username}`);
  await filters.getByLabel('Actor').press('Enter');
  await entryWith(page, 'Ann removed Bob').waitFor({ state: 'detached' });
  await entryWith(page, 'Bob joined').waitFor();
  await choice(filters, 'Stream').selectOption({ label: '#beans' });
  await page.getByText('No events match these filters.').waitFor();
  await clear.click();
  await filters.getByLabel('Affected member').fill('nobody-at-all');
  await filters.getByLabel('Affected member').press('Enter');
  await filters.getByText('No user has this username.').waitFor();
  await filters.getByLabel('Affected member').fill(bob.username);
  await filters.getByLabel('Affected member').press('Enter');
  await entryWith(page, 'Ann created the stream #beans').waitFor({ state: 'detached' });
  await entryWith(page, 'Ann removed Bob').waitFor();
  await clear.click();
  await filters.getByLabel('Until').fill('2001-01-01T00:00:00');
  await page.getByText('No events match these filters.').waitFor();
});

it('shows the details of an event, and opens its message', async () => {
  const { page } = await open(ann);
  const entry = entryWith(page, 'Bob edited a message');
  await entry.getByText('edited a message').click();
  const row = entry.getByRole('row', { name: /^Text/ });
  expect(await row.getByRole('cell').allTextContents()).toEqual([
    'Shall we meet at nine?',
    'Shall we meet at ten?',
  ]);
  await entry.getByText('message-edited').waitFor();
  await entry.getByText(bob.session).waitFor();
  await entry.getByRole('button', { name: 'Go to the message' }).click();
  await messageWith(page, 'Shall we meet at ten?').waitFor();
  await page.goBack();
  await entryWith(page, 'Ann removed Bob').waitFor();
});

it('moves through time by keyboard, and shows past members and messages', async () => {
  const { page } = await open(ann);
  await past(page).getByText('Coffee and tea').waitFor();
  await members(page).getByText('Ann').first().waitFor();
  expect(await members(page).getByText('Bob').count()).toBe(0);
  const removed = entryWith(page, 'Ann removed Bob');
  await removed.getByText('removed').click();
  await removed.getByRole('button', { name: 'View at this time' }).click();
  await marked(page).filter({ hasText: 'Ann removed Bob' }).waitFor();
  expect(await members(page).getByText('Bob').count()).toBe(0);
  await page.getByRole('button', { name: 'Previous event' }).click();
  await marked(page).filter({ hasText: 'Ann opened #beans' }).waitFor();
  await members(page).getByText('Bob').first().waitFor();
  await members(page).getByText('no longer a member').waitFor();

  await entryWith(page, 'Bob edited a message').getByText('edited a message').click();
  await entryWith(page, 'Bob edited a message')
    .getByRole('button', { name: 'View at this time' })
    .click();
  await past(page).getByText('Tea', { exact: true }).waitFor();
  await past(page).getByRole('button', { name: 'general' }).click();
  await past(page).getByText('Shall we meet at ten?').waitFor();
  await page.getByRole('button', { name: 'Previous event' }).click();
  await past(page).getByText('Shall we meet at nine?').waitFor();
  await past(page).getByRole('button', { name: 'Back to the circle' }).click();

  const entries = log(page).locator('.entry');
  await entries.first().locator('summary').focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await entries.nth(2).getByRole('button', { name: 'View at this time' }).waitFor();

  const slider = page.getByRole('slider', { name: 'Point in time' });
  await slider.press('Home');
  await past(page).getByText('Tea', { exact: true }).waitFor();
  await until(async () => (await members(page).getByText('Bob').count()) === 0, 'Bob is not there');
  await slider.press('End');
  await past(page).getByText('Coffee and tea').waitFor();
  await slider.press('PageDown');
  await page.getByRole('button', { name: 'Now' }).click();
  await page.getByRole('region', { name: 'Current state' }).waitFor();
  expect(await slider.getAttribute('aria-valuetext')).toBe('now');
});

it('shows new events live, and the progress of the projections', async () => {
  const { page } = await open(ann);
  await entryWith(page, 'Ann removed Bob').waitFor();
  await perform(ann, `PUT /v1/circles/${circle}/streams/${uuid7()}`, { name: 'roasting' });
  await entryWith(page, 'Ann created the stream #roasting').waitFor();
  const projections = page.getByRole('region', { name: 'Projections' });
  const messages = projections.getByRole('listitem').filter({ hasText: /^messages/ });
  await messages.getByText('live').waitFor();
  expect(await messages.getByRole('progressbar').count()).toBe(1);
});

it('exports all matching events as a file', async () => {
  const { page, context } = await open(ann);
  await choice(page.getByRole('form', { name: 'Filters' }), 'Kind').selectOption('member-removed');
  await entryWith(page, 'Bob joined').waitFor({ state: 'detached' });
  for (const [label, lines] of [
    ['NDJSON', 1],
    ['CSV', 2],
  ] as const) {
    const link = page.getByRole('link', { name: `Export as ${label}` });
    const answer = await context.request.get((await link.getAttribute('href')) ?? '');
    expect(answer.headers()['content-disposition']).toMatch(/^attachment/);
    expect((await answer.text()).trim().split('\n')).toHaveLength(lines);
  }
});

it('is only for the owner', async () => {
  const eve = await stage.account('Eve');
  await perform(eve, `PUT /v1/circles/${circle}/members/me`, {});
  const member = await open(eve, `/c/${circle}/${circle}`);
  await composer(member.page).waitFor();
  await member.page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
  await member.page.getByRole('menuitem', { name: 'Leave circle' }).waitFor();
  expect(await member.page.getByRole('menuitem', { name: 'History' }).count()).toBe(0);
  const asked: string[] = [];
  member.page.on('request', (request) => asked.push(request.url()));
  await member.page.goto(`/history/${circle}`);
  await member.page.getByRole('heading', { name: /^Only the owner/ }).waitFor();
  expect(asked.filter((url) => /audit|projections|\?at=/.test(url))).toEqual([]);
  const stranger = await open(bob);
  await stranger.page.getByRole('heading', { name: 'Circle not found' }).waitFor();
  await stranger.page.goto('/history');
  await stranger.page.getByText('You do not own a circle yet.').waitFor();
  const owner = await open(ann, '/history');
  await owner.page.getByRole('main').getByRole('link', { name: 'Coffee and tea' }).click();
  await entryWith(owner.page, 'Ann removed Bob').waitFor();
});

for (const screen of screens) {
  it(`fits a ${screen.name}, and is accessible`, async () => {
    const { page } = await open(ann, `/history/${circle}`, screen);
    const { capture, isPhone } = viewAt(page, screen);
    const renamed = entryWith(page, 'changed the description of the circle');
    await renamed.getByText('renamed the circle').click();
    await renamed.getByRole('button', { name: 'View at this time' }).click();
    await marked(page).waitFor();
    if (isPhone) await log(page).getByText('Filters').click();
    await capture('history');
    await expectAccessible(page, 'the log');
    await selectTab(page, isPhone, 'State');
    await members(page).getByText('Bob').first().waitFor();
    await capture('history-then');
    await past(page).getByRole('button', { name: 'general' }).click();
    await past(page).getByText('Shall we meet at ten?').waitFor();
    await capture('history-stream');
    await expectAccessible(page, 'the past');
    await selectTab(page, isPhone, 'Projections');
    await page.getByRole('progressbar').first().waitFor();
    await capture('history-projections');
    if (isPhone) await expectAccessible(page, 'the projections');
  });
}

it('there are no console errors', () => {
  expect(stage.consoleErrors().filter((error) => !/status of 404 .*username=/.test(error))).toEqual(
    [],
  );
});
