import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { screens, testInBrowser } from '../support/fixtures/browser.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, password } from '../support/fixtures/server-people.ts';
import { viewAt } from './screenshots.ts';

const it = testInBrowser;
const stage = usePageStage();

const fillIn = async (page: Page, username: string): Promise<void> => {
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(password);
};

const isInCircle = (page: Page): Promise<void> =>
  page.getByText('Tea', { exact: true }).first().waitFor();

for (const screen of screens) {
  it(`a server by invite lets a guest register with one, and a closed one lets nobody (${screen.name})`, async () => {
    await stage.kill();
    await stage.start();
    const ann = await stage.account('Ann');
    const circle = await makeCircle(ann);
    const invite = async (): Promise<string> => {
      const { body } = await ann.call(`POST /v1/circles/${circle}/invites`, { maxUses: 1 });
      return `/invite/${body.invite?.code}`;
    };
    const [link, other] = [await invite(), await invite()];
    await stage.kill();
    await stage.start({ OSHI_REGISTRATION: 'invite', OSHI_NAME: 'Garden Club' });

    // From the address of an invite, which is used up by that.
    const guest = await stage.visit(link, screen.options);
    await fillIn(guest.page, `guest-${screen.name}`);
    expect(await guest.page.getByLabel('Invite').inputValue()).toBe(link.split('/').at(-1));
    await guest.page.getByRole('button', { name: 'Create account' }).click();
    await isInCircle(guest.page);

    // From the address of the server, with a link that was sent.
    const late = await stage.visit('/', screen.options);
    const { page } = late;
    await page.getByText('Garden Club').waitFor();
    await fillIn(page, `late-${screen.name}`);
    await page.getByLabel('Invite').fill(`${stage.url()}${link}`);
    await viewAt(page, screen).capture('registration-by-invite');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('This invite is invalid').waitFor();
    await page.getByLabel('Invite').fill(`${stage.url()}${other}`);
    await page.getByRole('button', { name: 'Create account' }).click();
    await isInCircle(page);

    await stage.kill();
    await stage.start({ OSHI_REGISTRATION: 'closed' });
    const stranger = await stage.visit('/', screen.options);
    await stranger.page.getByText('New accounts are not accepted here.').waitFor();
    expect(await stranger.page.getByRole('button', { name: 'Create an account' }).count()).toBe(0);
    await viewAt(stranger.page, screen).capture('registration-closed');
    expect(stage.ownConsoleErrors().filter((error) => !error.includes('410'))).toEqual([]);
  });
}
