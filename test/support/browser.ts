import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, inject, test } from 'vitest';
import type {} from './chromium.global.ts';

const isBrowserHere = inject('chromium') !== '';

/** A suite in a real browser; skipped where there is none. */
export const describeInBrowser = describe.skipIf(!isBrowserHere);

/** A test in a real browser; skipped where there is none. */
export const testInBrowser = test.skipIf(!isBrowserHere);

/** What the tests of a file need that are skipped where there is no browser. */
export const beforeBrowserTests = (prepare: () => Promise<void>): void => {
  if (isBrowserHere) beforeAll(prepare);
};

export const desktop = { width: 1280, height: 800 };
export const phone = { width: 390, height: 844 };

/** A screen that a page must fit: as a browser's context has it. */
export type Screen = {
  readonly name: 'phone' | 'desktop';
  readonly isPhone: boolean;
  readonly options: ContextOptions;
};

export const screens: readonly Screen[] = [
  {
    ...{ name: 'phone', isPhone: true },
    options: { viewport: phone, hasTouch: true, isMobile: true },
  },
  { name: 'desktop', isPhone: false, options: { viewport: desktop } },
];

/**
 * What went wrong in a page: what its scripts threw, and what its console called an error, with the address that it
 * is about.
 */
export type Troubles = string[];

/** Somebody at a browser of their own: nothing is shared with other contexts. */
export type Visitor = {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly troubles: Troubles;
};

export type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** Asking who is logged in is answered so where nobody is, and the browser calls every such answer an error. */
const isStranger = (text: string, url: string): boolean =>
  text.includes('status of 401') && url.endsWith('/v1/me');

const watched = (page: Page): Troubles => {
  const troubles: Troubles = [];
  page.on('pageerror', (error) => troubles.push(error.stack ?? error.message));
  page.on('console', (message) => {
    const { url } = message.location();
    if (message.type() !== 'error' || isStranger(message.text(), url)) return;
    troubles.push(`${message.text()} ${url}`);
  });
  return troubles;
};

/** One browser for a suite; `visit` opens a page in a context of its own, on a desktop if nothing else is said. */
export const useBrowser = () => {
  let browser: Browser | undefined;
  const contexts: BrowserContext[] = [];
  beforeBrowserTests(async () => {
    const options = { executablePath: inject('chromium'), args: ['--no-sandbox'] };
    browser = await chromium.launch(options);
  });
  afterAll(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    await browser?.close();
  });
  return {
    /** An empty page; nothing has been asked for yet. */
    open: async (options: ContextOptions = {}): Promise<Visitor> => {
      if (!browser) throw new Error('open only inside a test');
      const context = await browser.newContext({
        reducedMotion: 'reduce',
        viewport: desktop,
        ...options,
      });
      contexts.push(context);
      const page = await context.newPage();
      context.setDefaultTimeout(20_000);
      return { context, page, troubles: watched(page) };
    },
  };
};
