import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Screen } from '../support/fixtures/browser.ts';

const folder = resolve(import.meta.dirname, '../../node_modules/.cache/oshi/screenshots');

/** Elements that scroll horizontally, or are outside of the window. */
const sideways = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const scrolls = (element: Element): boolean => {
      const { overflowX } = getComputedStyle(element);
      const isRoom = element === document.documentElement || /auto|scroll/.test(overflowX);
      // Code keeps its lines, in a scrollable box.
      return isRoom && element.tagName !== 'PRE' && element.scrollWidth > element.clientWidth;
    };
    const isBeside = (element: Element): boolean => {
      if (!element.matches('button, a, input, textarea, select, h1, h2, p')) return false;
      if (element.closest('.visually-hidden') || !element.checkVisibility()) return false;
      const { left, right } = element.getBoundingClientRect();
      return left < -0.5 || right > innerWidth + 0.5;
    };
    return [...document.querySelectorAll('*')]
      .filter((element) => scrolls(element) || isBeside(element))
      .map((element) => element.outerHTML.slice(0, 160));
  });

/** A user's screen; `capture` takes a screenshot, and checks that everything is reachable. */
export type View = {
  readonly page: Page;
  readonly isPhone: boolean;
  capture(what: string): Promise<void>;
};

/** Screenshots are named after the screen and the view. */
export const viewAt = (page: Page, { name, isPhone }: Screen): View => ({
  page,
  isPhone,
  capture: async (what) => {
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}-${what}.png`) });
    expect(await sideways(page), `${what} on a ${name}`).toEqual([]);
  },
});
