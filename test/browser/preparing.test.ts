import type { BrowserContext, Route } from 'playwright-core';
import { expect } from 'vitest';
import { beforeBrowserTests, testInBrowser } from '../support/fixtures/browser.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, type Person } from '../support/fixtures/server-people.ts';
import { expectAccessible } from './accessibility.ts';

const it = testInBrowser;
const stage = usePageStage();
let ann: Person;
let circle: string;

beforeBrowserTests(async () => {
  ann = await stage.account('Ann');
  circle = await makeCircle(ann, []);
});

const refusal = { type: 'about:blank', title: 'Unavailable', status: 503, code: 'unavailable' };

const refuse = (more: object) => (route: Route) =>
  route.fulfill({ status: 503, json: { ...refusal, ...more } });

const building = { models: ['messages'], applied: 43, total: 100, percent: 43, rate: 1 };

/** Lets the server appear to build the data for these requests, until the returned function is called. */
const prepare = async (context: BrowserContext, requests: string) => {
  const state = { building: { ...building, secondsLeft: 57 } as object | undefined };
  await context.route(requests, refuse({}));
  await context.route('**/readyz', (route) =>
    state.building ? refuse({ building: state.building })(route) : route.continue(),
  );
  return async () => {
    state.building = undefined;
    await context.unroute(requests);
  };
};

it('a page that opens while the server prepares its data says how far it is, and continues', async () => {
  const { page, context } = await stage.enter(ann);
  const finish = await prepare(context, '**/v1/**');
  await page.goto('/');
  await page.getByText('The server is preparing its data. 43 %, about 57 s left').waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await expectAccessible(page, 'preparing');
  await finish();
  await page.getByRole('navigation', { name: 'Circles and conversations' }).waitFor();
  await page.getByText('preparing its data').waitFor({ state: 'detached' });
});

it('a view that needs what is being built waits for it, and loads by itself', async () => {
  const { page, context } = await stage.enter(ann);
  const finish = await prepare(context, '**/members*');
  await page.goto(`/c/${circle}/${circle}`);
  await page.getByText('The server is preparing its data.').waitFor();
  await page.getByRole('status', { name: 'Loading members' }).waitFor();
  expect(await page.getByRole('alert').count()).toBe(0);
  await expectAccessible(page, 'a view that waits');
  await finish();
  await page.getByRole('complementary').getByText('owner').waitFor();
  await page.getByText('preparing its data').waitFor({ state: 'detached' });
});
