import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { testInBrowser } from '../support/fixtures/browser.ts';
import { composer } from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle } from '../support/fixtures/server-people.ts';

const count = 100;

declare global {
  interface Window {
    /** Times of events in the page, in ms since 1970, in order. */
    times: number[];
  }
}

/** Records each click on the send button. */
const noteClicks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    window.times = [];
    const note = (event: Event): void => {
      if ((event.target as Element).closest('[aria-label=Send]')) {
        window.times.push(performance.timeOrigin + performance.now());
      }
    };
    addEventListener('click', note, { capture: true });
  });

/** Records when each message is rendered for the first time. */
const noteMessages = (page: Page): Promise<void> =>
  page.evaluate(() => {
    window.times = [];
    const list = document.querySelector('ol.messages');
    if (!list) throw new Error('there is no list of messages');
    const look = (): void => {
      const shown = list.textContent.match(/speed!/g) ?? [];
      for (let at = window.times.length; at < shown.length; at += 1) {
        window.times.push(performance.timeOrigin + performance.now());
      }
    };
    new MutationObserver(look).observe(list, { childList: true, subtree: true });
  });

const at = (sorted: readonly number[], share: number): string =>
  `${(sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(1)} ms`;

const it = testInBrowser;
const stage = usePageStage();

it(`all of ${count} messages arrive`, async () => {
  const [ann, bob] = [await stage.account('Ann'), await stage.account('Bob')];
  const circle = await makeCircle(ann, [bob]);
  const { page: from } = await stage.enter(ann, { path: `/c/${circle}` });
  const { page: to } = await stage.enter(bob, { path: `/c/${circle}` });
  await composer(from).waitFor();
  await composer(to).waitFor();
  await noteClicks(from);
  await noteMessages(to);
  for (let message = 1; message <= count; message += 1) {
    await composer(from).fill(`speed! ${message}`);
    await from.getByRole('button', { name: 'Send' }).click();
    await to.waitForFunction((wanted) => window.times.length >= wanted, message);
  }
  const [clicked, drawn] = await Promise.all(
    [from, to].map((page) => page.evaluate(() => window.times)),
  );
  expect([clicked?.length, drawn?.length]).toEqual([count, count]);
  const took = (clicked ?? []).map((start, message) => (drawn?.[message] ?? 0) - start);
  took.sort((a, b) => a - b);
  const line = `${count} messages, p50 ${at(took, 0.5)}, p99 ${at(took, 0.99)}`;
  process.stdout.write(`from a click on “Send” to the other screen: ${line}\n`);
  expect(stage.consoleErrors()).toEqual([]);
});
