import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Accessibility violations. Evaluated from outside, so that the content security policy does not block it. */
const violations = async (page: Page, options: RunOptions = {}): Promise<string[]> => {
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(axe);
  // Wait for colour transitions, including inherited ones, before the contrast is checked.
  await page.evaluate(async () => {
    const changes = () =>
      document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    while (changes().length > 0) await Promise.allSettled(changes().map((each) => each.finished));
  });
  const found = await page.evaluate(
    (asked) =>
      (window as unknown as { axe: { run(o: object): Promise<AxeResults> } }).axe.run({
        ...asked,
        resultTypes: ['violations'],
      }),
    options,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
};

/** Checks the page in light, then in dark, where only colours can differ. */
export const expectAccessible = async (page: Page, what: string): Promise<void> => {
  expect(await violations(page), `${what}, light`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  const colours: RunOptions = { runOnly: { type: 'rule', values: ['color-contrast'] } };
  expect(await violations(page, colours), `${what}, dark`).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });
};

/** Checks an overlay, then closes it. */
export const expectOverlayAccessible = async (top: Locator, what: string): Promise<void> => {
  await top.waitFor();
  await expectAccessible(top.page(), what);
  await top.page().keyboard.press('Escape');
  await top.waitFor({ state: 'detached' });
};
