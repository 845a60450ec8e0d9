import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import { testInBrowser } from '../support/fixtures/browser.ts';
import {
  clickAction,
  composer,
  messageWith,
  sendMessage,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  password,
  post,
} from '../support/fixtures/server-people.ts';

const it = testInBrowser;
const stage = usePageStage();

const editLine = (page: Page) => page.getByRole('textbox', { name: 'Edit your message' });

const waitForDraft = (page: Page, text: string): Promise<void> =>
  until(async () => (await composer(page).inputValue()) === text, `“${text}” is in the composer`);

/** The stream is loaded, so the page is connected and subscribed. */
const isLoaded = (page: Page): Promise<void> =>
  page.getByRole('heading', { name: /^Welcome to / }).waitFor();

const logIn = async (page: Page, { username }: Person): Promise<void> => {
  const form = page.getByRole('form', { name: 'Log in' });
  await form.getByLabel('Username').fill(username);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Log in' }).click();
  await form.waitFor({ state: 'detached' });
};

const logOut = async (page: Page): Promise<void> => {
  await page.getByRole('link', { name: /Settings$/ }).click();
  await page.getByRole('button', { name: 'Log out', exact: true }).click();
  await page.getByRole('form', { name: 'Log in' }).waitFor();
};

/** The messages of the circle on the server, with their authors. */
const messagesIn = async (circle: string, person: Person): Promise<string[]> => {
  const { messages = [] } = (await person.call(`GET ${messagesOf(circle)}`)).body;
  return messages.map(({ by, text }) => `${by === person.id ? 'own' : 'other'} ${text}`);
};

it('a draft, a reply and an edit survive a reload and another stream', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  await post(ann, circle, { text: 'First words' });
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await clickAction(page, 'First words', 'Reply');
  await composer(page).fill('half a thought');
  await page.reload();
  await page.getByText('Replying to Ann').waitFor();
  await waitForDraft(page, 'half a thought');
  await clickAction(page, 'First words', 'Edit');
  await editLine(page).fill('First words, and many more');
  await page.goto('/find');
  await page.goto(`/c/${circle}`);
  await until(async () => (await editLine(page).inputValue()) === 'First words, and many more');
  await editLine(page).press('Enter');
  await messageWith(page, 'First words, and many more').waitFor();
  await waitForDraft(page, 'half a thought');
});

it('a draft is shared by two tabs, and removed from both when sent', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  const { page: one, context } = await stage.enter(ann, { path: `/c/${circle}/${circle}` });
  const two = await context.newPage();
  await two.goto(`/c/${circle}/${circle}`);
  await isLoaded(two);
  await composer(one).fill('half a thought');
  await waitForDraft(two, 'half a thought');
  await composer(two).press('End');
  await composer(two).pressSequentially(', and the rest');
  await waitForDraft(one, 'half a thought, and the rest');
  await composer(one).press('Enter');
  await waitForDraft(two, '');
  await waitForMessage(two, 'half a thought, and the rest');
  expect(await messagesIn(circle, ann)).toEqual(['own half a thought, and the rest']);
});

it('a refused edit stays; that of a deleted message becomes a draft', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  const { id } = (await post(ann, circle, { text: 'First words' })).body;
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await clickAction(page, 'First words', 'Edit');
  await editLine(page).fill('Better words');
  await ann.call(`DELETE ${messagesOf(circle)}/${id}`);
  await page.getByText('This message was deleted.').waitFor();
  await editLine(page).press('Enter');
  await waitForDraft(page, 'Better words');
});

it('a message waiting for the connection is sent once, even after a reload', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  const { page, context } = await stage.enter(ann, { path: `/c/${circle}` });
  await isLoaded(page);
  await context.setOffline(true);
  await stage.kill();
  await sendMessage(page, 'sent too early');
  await page.getByRole('article', { name: /, sending$/ }).waitFor();
  await page.goto('about:blank');
  await stage.start();
  await context.setOffline(false);
  // It is sent from any route.
  await page.goto('/settings/profile');
  await until(async () => (await messagesIn(circle, ann)).length > 0, 'it was sent');
  await page.goto(`/c/${circle}`);
  await waitForMessage(page, 'sent too early');
  await page.reload();
  await waitForMessage(page, 'sent too early');
  expect(await messagesIn(circle, ann)).toEqual(['own sent too early']);
});

it('another account neither sees nor sends unsent text, and its author finds it again', async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(ann, [bob]);
  await post(ann, circle, { text: 'A line of Ann' });
  await post(bob, circle, { text: 'A line of Bob' });
  const { page, context } = await stage.enter(ann, { path: `/c/${circle}` });
  await clickAction(page, 'A line of Ann', 'Edit');
  await editLine(page).fill('A secret edit');
  await clickAction(page, 'A line of Bob', 'Reply');
  await composer(page).fill('a secret draft');
  // A message waits when the session ends, which the server does not know yet.
  await context.setOffline(true);
  await stage.kill();
  await composer(page).press('Enter');
  await page.getByRole('article', { name: /, sending$/ }).waitFor();
  await composer(page).fill('another secret draft');
  await stage.start();
  await ann.call('DELETE /v1/sessions/others');
  await context.setOffline(false);
  await page.getByRole('form', { name: 'Log in' }).waitFor();

  await logIn(page, bob);
  await messageWith(page, 'A line of Ann').waitFor();
  await waitForDraft(page, '');
  await clickAction(page, 'A line of Bob', 'Edit');
  await editLine(page).press('Escape');
  await sendMessage(page, 'Here is Bob');
  await waitForMessage(page, 'Here is Bob');
  expect(await page.content()).not.toContain('secret');
  const expected = ['other A line of Ann', 'own A line of Bob', 'own Here is Bob'];
  expect(await messagesIn(circle, bob)).toEqual(expected);
  await logOut(page);

  await logIn(page, ann);
  await page.goto(`/c/${circle}`);
  await waitForMessage(page, 'a secret draft');
  await waitForDraft(page, 'another secret draft');
  await clickAction(page, 'A line of Ann', 'Edit');
  await until(async () => (await editLine(page).inputValue()) === 'A secret edit');
  expect((await messagesIn(circle, ann)).slice(3)).toEqual(['own a secret draft']);
});

it('a page sends nothing for another account of the browser', async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(ann, [bob]);
  const { page, context } = await stage.enter(ann, { path: `/c/${circle}` });
  await isLoaded(page);
  await context.setOffline(true);
  await stage.kill();
  await sendMessage(page, 'a secret of Ann');
  await page.getByRole('article', { name: /, sending$/ }).waitFor();
  await stage.start();
  const answer = await context.request.post('/v1/sessions', {
    data: { username: bob.username, password },
  });
  expect(answer.status()).toBe(201);
  await context.setOffline(false);
  await page.getByText('Another account has logged in').waitFor();
  await sendMessage(page, 'Here is Bob');
  await waitForMessage(page, 'Here is Bob');
  expect(await messagesIn(circle, bob)).toEqual(['own Here is Bob']);
});

it('of two tabs with two accounts, one switches to the other, without requests for it before', async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(ann, [bob]);
  const { page: one, context } = await stage.visit(`/c/${circle}/${circle}`);
  const two = await context.newPage();
  await two.goto('/');
  await logIn(one, ann);
  await isLoaded(one);
  await logIn(two, bob);
  const notice = one.getByText('Another account has logged in');
  await notice.waitFor();
  await sendMessage(one, 'Here is Bob');
  await waitForMessage(one, 'Here is Bob');
  await notice.waitFor({ state: 'detached' });

  // A tab that missed it learns it from the first answer, and its request is not executed.
  await context.request.post('/v1/sessions', { data: { username: ann.username, password } });
  await one.getByRole('link', { name: /Settings$/ }).click();
  const open = (await ann.call('GET /v1/sessions')).body.sessions;
  await one.getByRole('button', { name: 'Log out', exact: true }).click();
  await notice.waitFor();
  expect((await ann.call('GET /v1/sessions')).body.sessions).toHaveLength(open?.length ?? 0);
  expect(await messagesIn(circle, bob)).toEqual(['own Here is Bob']);
});

it('a command cancelled while offline is never executed', async () => {
  const ann = await stage.account('Ann');
  const circle = await makeCircle(ann);
  const { page, context } = await stage.enter(ann, { path: `/c/${circle}` });
  await isLoaded(page);
  await context.setOffline(true);
  await stage.kill();
  await page.getByRole('button', { name: 'Add a circle' }).click();
  await page.getByRole('menuitem', { name: 'Create a circle' }).click();
  const dialog = page.getByRole('dialog', { name: 'Create a circle' });
  await dialog.getByLabel('Name').fill('Never mind');
  await dialog.getByRole('button', { name: 'Create circle' }).click();
  await dialog.getByText('You are offline.').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await composer(page).fill('written meanwhile');
  await composer(page).press('Enter');
  await stage.start();
  await context.setOffline(false);
  await waitForMessage(page, 'written meanwhile');
  const { circles = [] } = (await ann.call('GET /v1/circles')).body;
  expect(circles.map(({ name }) => name)).toEqual(['Tea']);
  expect(new URL(page.url()).pathname).toBe(`/c/${circle}/${circle}`);
});

it('there are no other console errors', () => {
  // Expected errors: the ended session, and the session of another user.
  const own = stage.ownConsoleErrors().filter((error) => !/status of 40[13]/.test(error));
  expect(own).toEqual([]);
});
