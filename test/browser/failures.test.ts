import type { Page, Route } from 'playwright-core';
import { expect } from 'vitest';
import { beforeBrowserTests, testInBrowser } from '../support/fixtures/browser.ts';
import { clickAction, composer, messageWith } from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import {
  makeCircle,
  messagesOf,
  type Person,
  password,
  post,
} from '../support/fixtures/server-people.ts';
import { expectAccessible } from './accessibility.ts';

const it = testInBrowser;
const stage = usePageStage();
let ann: Person;
let circle: string;

beforeBrowserTests(async () => {
  ann = await stage.account('Ann');
  const bob = await stage.account('Bob');
  circle = await makeCircle(ann, [bob]);
  const { id } = (await post(ann, circle, { text: 'This one is pinned' })).body;
  await ann.call(`PUT ${messagesOf(circle)}/${id}/pin`);
  await ann.call(`PATCH ${messagesOf(circle)}/${id}`, { text: 'This one is pinned, and edited' });
  await post(bob, circle, { text: 'Unread for Ann' });
});

const badGateway = (route: Route) =>
  route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' });

type View = {
  readonly what: string;
  /** Its request. */
  readonly request: string;
  readonly open: (page: Page) => Promise<unknown>;
  /** Shown after the answer. */
  readonly shown: string | RegExp;
};

const views: readonly View[] = [
  {
    what: 'Unread messages',
    request: '**/v1/unread*',
    open: (page) => page.goto('/'),
    shown: 'Your unread messages',
  },
  {
    what: 'The pins',
    request: '**/pins*',
    open: async (page) => {
      await page.goto(`/c/${circle}/${circle}`);
      await page.getByRole('button', { name: 'Pinned messages' }).click();
    },
    shown: 'Go to message',
  },
  {
    what: 'The members',
    request: '**/members*',
    open: (page) => page.goto(`/c/${circle}/${circle}`),
    shown: 'owner',
  },
  {
    what: 'The sessions',
    request: '**/v1/sessions*',
    open: (page) => page.goto('/settings/sessions'),
    shown: 'current',
  },
  {
    what: 'The circles',
    request: '**/v1/circles?directory=*',
    open: (page) => page.goto('/find'),
    shown: /2 members/,
  },
  {
    what: 'The invite',
    request: '**/v1/invites/*',
    open: (page) => page.goto('/invite/no-such-invite'),
    shown: 'Invalid invite',
  },
  {
    what: 'The edit history',
    request: '**/edits*',
    open: async (page) => {
      await page.goto(`/c/${circle}/${circle}`);
      await messageWith(page, 'and edited').getByRole('button', { name: '(edited)' }).click();
    },
    shown: 'This one is pinned',
  },
  {
    what: 'The open invites',
    request: '**/invites*',
    open: async (page) => {
      await page.goto(`/c/${circle}/${circle}`);
      await page.getByRole('main').getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: 'Invite people' }).click();
    },
    shown: 'Create link',
  },
];

for (const { what, request, open, shown } of views) {
  it(`${what}: a failed load is reported, and retried`, async () => {
    const { page, context } = await stage.enter(ann);
    await context.route(request, badGateway);
    await open(page);
    const failure = page.getByRole('alert').filter({ hasText: `${what} could not be loaded.` });
    await failure.getByText('The server cannot be reached.').waitFor();
    await expectAccessible(page, what);
    for (const untrue of ['You are all caught up', 'No pinned messages', 'No public circle']) {
      expect(await page.getByText(untrue).count(), untrue).toBe(0);
    }
    await context.unroute(request);
    // An automatic retry may succeed before the click.
    await Promise.race([
      failure
        .getByRole('button', { name: 'Try again' })
        .click()
        .catch(() => undefined),
      failure.waitFor({ state: 'detached' }),
    ]);
    await page.getByText(shown).first().waitFor();
    await failure.waitFor({ state: 'detached' });
    await context.close();
  });
}

it('a page that starts while the server is unavailable shows no login form, and recovers', async () => {
  const { page, context } = await stage.enter(ann);
  await context.route('**/v1/me', badGateway);
  await page.goto(`/c/${circle}/${circle}`);
  await page.getByText('Oshi could not be loaded.').waitFor();
  expect(await page.getByRole('form').count()).toBe(0);
  await expectAccessible(page, 'a start that fails');
  await context.unroute('**/v1/me');
  await composer(page).waitFor();
});

it('without storage the page works, and drafts last while it is open', async () => {
  const visitor = await stage.visit('/none');
  await visitor.context.addInitScript(() => {
    Object.defineProperty(window, 'localStorage', {
      get: () => {
        throw new DOMException('Access is denied for this document.', 'SecurityError');
      },
    });
  });
  const { page } = visitor;
  await page.goto('/');
  await page.getByRole('form', { name: 'Log in' }).waitFor();
  const entered = await stage.enter(ann, { path: '/' });
  await entered.context.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('It is full.', 'QuotaExceededError');
    };
  });
  await entered.page.goto(`/c/${circle}/${circle}`);
  await composer(entered.page).fill('kept in the page');
  await entered.page.getByRole('link', { name: 'Oshi' }).click();
  await entered.page.goBack();
  expect(await composer(entered.page).inputValue()).toBe('kept in the page');
});

it('a login without cookies reports that they are blocked', async () => {
  const { page, context } = await stage.visit('/');
  await context.route('**/v1/sessions', async (route) => {
    const response = await route.fetch();
    await context.clearCookies();
    const { 'set-cookie': _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  await page.getByLabel('Username').fill(ann.username);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('This browser blocks cookies for this site').waitFor();
});

it('reports a copy only if it succeeded, also without a clipboard API', async () => {
  const { page, context } = await stage.enter(ann, { path: `/c/${circle}/${circle}` });
  await context.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'clipboard');
    document.execCommand = () => Reflect.get(window, 'isCopying') === true;
  });
  await page.reload();
  const copy = async (): Promise<void> => {
    await clickAction(page, 'Unread for Ann', 'More actions');
    await page.getByRole('menuitem', { name: 'Copy text' }).click();
  };
  await copy();
  await page.getByText('This browser does not allow copying here').waitFor();
  expect(await page.getByText('to the clipboard').count()).toBe(0);
  await page.evaluate(() => Reflect.set(window, 'isCopying', true));
  await copy();
  await page.getByText('Copied the text to the clipboard.').waitFor();
});

it('there are no other console errors', () => {
  expect(stage.consoleErrors().filter((error) => !/status of (404|410|502)/.test(error))).toEqual(
    [],
  );
});
