import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import { beforeBrowserTests, testInBrowser } from '../support/fixtures/browser.ts';
import {
  composer,
  messages,
  messageWith,
  sendMessage,
  textsMatching,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { type Guest, usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle } from '../support/fixtures/server-people.ts';

/** The server starts twice, and the pages wait longer before each retry. */
const slow = { timeout: 120_000 };

const sending = (guest: Guest) => guest.page.getByRole('article', { name: /, sending$/ });
const failed = (guest: Guest) => guest.page.getByRole('article', { name: /, not sent$/ });

/** What both see, from top to bottom. */
const linesOf = (guest: Guest): Promise<string[]> => textsMatching(guest.page, /(ann|bob) \d+/g);

const it = testInBrowser;
const stage = usePageStage();
let ann: Guest;
let bob: Guest;
let circle: string;

beforeBrowserTests(async () => {
  const [first, second] = [await stage.account('Ann'), await stage.account('Bob')];
  circle = await makeCircle(first, [second]);
  ann = await stage.enter(first, { path: `/c/${circle}` });
  bob = await stage.enter(second, { path: `/c/${circle}` });
  for (const { page } of [ann, bob]) {
    await composer(page).waitFor();
    // Removed by a reload.
    await page.evaluate(() => Reflect.set(window, 'isSamePage', true));
  }
});

it('loses and duplicates no message; all users see the same order', slow, async () => {
  const sent: string[] = [];
  const sendBoth = async (): Promise<void> => {
    const count = sent.length / 2 + 1;
    for (const [guest, name] of [
      [ann, 'ann'],
      [bob, 'bob'],
    ] as const) {
      sent.push(`${name} ${count}`);
      await sendMessage(guest.page, `${name} ${count}`);
    }
  };
  for (let round = 0; round < 3; round += 1) await sendBoth();
  for (let outage = 0; outage < 2; outage += 1) {
    const killed = stage.kill();
    // Some of these are in flight when the server stops.
    await sendBoth();
    await killed;
    await sendBoth();
    await sendBoth();
    await sending(ann).last().waitFor();
    await sending(bob).last().waitFor();
    await stage.start();
    await sendBoth();
    for (const guest of [ann, bob]) {
      await until(
        async () =>
          (await messages(guest.page).count()) === sent.length &&
          (await sending(guest).count()) === 0,
        `all ${sent.length} messages are shown`,
      );
    }
  }
  expect(await linesOf(bob)).toEqual(await linesOf(ann));
  expect((await linesOf(ann)).toSorted()).toEqual(sent.toSorted());
  for (const name of ['ann', 'bob']) {
    const own = (await linesOf(ann)).filter((line) => line.startsWith(name));
    expect(own).toEqual(sent.filter((line) => line.startsWith(name)));
  }
  for (const { page } of [ann, bob]) {
    expect(await page.evaluate(() => Reflect.get(window, 'isSamePage'))).toBe(true);
  }
  await ann.page.reload();
  await until(async () => (await messages(ann.page).count()) === sent.length);
  expect(await linesOf(ann)).toEqual(await linesOf(bob));
});

it('keeps refused messages, to be retried or discarded', async () => {
  const archive = async (archived: boolean): Promise<void> => {
    const path = `PATCH /v1/circles/${circle}/streams/${circle}`;
    const { status, text } = await ann.person.call(path, { archived });
    if (status !== 200) throw new Error(`archiving: ${status} ${text}`);
  };
  await bob.context.setOffline(true);
  await stage.kill();
  await sendMessage(bob.page, 'bob speaks too late');
  await sendMessage(bob.page, 'bob thinks better of it');
  await sending(bob).nth(1).waitFor();
  await stage.start();
  await archive(true);
  await bob.context.setOffline(false);
  await failed(bob).nth(1).waitFor();
  await failed(bob).first().getByText('This stream is archived').waitFor();

  await failed(bob).filter({ hasText: 'better' }).getByRole('button', { name: 'Discard' }).click();
  await until(async () => (await messageWith(bob.page, 'better').count()) === 0);
  await archive(false);
  await composer(bob.page).waitFor();
  await failed(bob).getByRole('button', { name: 'Try again' }).click();
  for (const { page } of [ann, bob]) {
    await waitForMessage(page, 'bob speaks too late');
    expect(await messageWith(page, 'bob speaks too late').count()).toBe(1);
  }
  expect(await messageWith(ann.page, 'better').count()).toBe(0);
});

it('there are no other console errors', () => {
  expect(stage.ownConsoleErrors()).toEqual([]);
});
