import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { beforeBrowserTests, screens, testInBrowser } from '../support/fixtures/browser.ts';
import { composer, messageWith } from '../support/fixtures/page-actions.ts';
import { usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, type Person, post } from '../support/fixtures/server-people.ts';

const it = testInBrowser;
const stage = usePageStage();

/** The server of another user, which records requests. */
const foreign = createServer(({ url }, answer) => {
  asked.push(url ?? '');
  answer.end();
});
const asked: string[] = [];
let foreignUrl: string;

let ann: Person;
let eve: Person;
let circle: string;
let direct: string;

beforeBrowserTests(async () => {
  await new Promise<void>((done) => foreign.listen(0, '127.0.0.1', done));
  foreignUrl = `http://127.0.0.1:${(foreign.address() as AddressInfo).port}`;
  [ann, eve] = [await stage.account('Ann'), await stage.account('Eve')];
  circle = await makeCircle(ann, [eve]);
  for (const person of [ann, eve]) {
    const avatar = `${foreignUrl}/${person.id}.png`;
    for (const path of ['/v1/me', `/v1/circles/${circle}/members/me/data`]) {
      expect((await person.call(`PATCH ${path}`, { avatar })).status).toBe(200);
    }
  }
  await post(eve, circle, { text: `@${ann.username} ![a](${foreignUrl}/b.png) ${foreignUrl}/c` });
  direct = (await eve.call(`PUT /v1/directs/${ann.id}`, {})).body.circle?.id ?? '';
  await post(eve, direct, { text: `Hello! ${foreignUrl}/d.png` });
});

afterAll(() => void foreign.close());

/** The origins of a page's requests and sockets. */
const originsAsked = (page: Page): Set<string> => {
  const origins = new Set<string>();
  const note = (url: string): unknown => origins.add(new URL(url).origin.replace(/^ws/, 'http'));
  page.context().on('request', (request) => note(request.url()));
  page.on('websocket', (socket) => note(socket.url()));
  return origins;
};

const visitAll = async (page: Page): Promise<void> => {
  await page.goto(`/c/${direct}`);
  await messageWith(page, 'Hello!').waitFor();
  await page.goto(`/c/${circle}`);
  await messageWith(page, '/c').getByRole('button', { name: 'About Eve' }).click();
  const card = page.getByRole('dialog', { name: 'Eve' });
  await card.getByText(`@${eve.username}`).waitFor();
  await card.getByRole('button', { name: 'Close' }).click();
  await composer(page).fill('@eve');
  await page.getByRole('listbox', { name: 'People to mention' }).waitFor();
  await composer(page).fill('');
  await page.goto('/');
  await page.getByRole('link', { name: /^Eve/ }).first().waitFor();
  await page.goto(`/history/${circle}`);
  await page.getByText('wrote in').first().waitFor();
  await page.goto('/settings/profile');
  await page.getByText('This page shows initials').waitFor();
};

for (const { name, options } of screens) {
  it(`nothing is requested from the server of another user on a ${name}`, async () => {
    // The policy of the page would block such requests; the page must not make any in the first place.
    const { page } = await stage.enter(ann, { ...options, bypassCSP: true });
    const origins = originsAsked(page);
    await visitAll(page);
    expect([...origins]).toEqual([stage.url()]);
    expect(asked).toEqual([]);
  });
}

it('the policy of the page blocks pictures of other servers, and every frame', async () => {
  const { page } = await stage.enter(ann);
  await page.getByRole('main').waitFor();
  const stopped = await page.evaluate(
    (src) =>
      new Promise<string>((done) => {
        addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
        document.body.append(Object.assign(new Image(), { src }));
      }),
    `${foreignUrl}/e.png`,
  );
  expect(stopped).toBe('img-src');
  expect(asked).toEqual([]);
  for (const path of ['/', `/c/${circle}`, '/docs', '/docs/socket', '/v1/me']) {
    const { headers } = await fetch(`${stage.url()}${path}`);
    expect(headers.get('content-security-policy'), path).toContain("img-src 'self' data:;");
    expect(headers.get('x-frame-options'), path).toBe('DENY');
    expect(headers.get('referrer-policy'), path).toBe('no-referrer');
  }
});

it('a link to another server sends no referrer, and gives no access to the page', async () => {
  const { page } = await stage.enter(ann, { path: `/c/${circle}` });
  await messageWith(page, '/c').waitFor();
  const links = await page
    .getByRole('link')
    .evaluateAll((all) =>
      all.flatMap((link) =>
        (link as HTMLAnchorElement).origin === location.origin ? [] : link.getAttribute('rel'),
      ),
    );
  expect(links).toHaveLength(2);
  for (const rel of links)
    expect(rel?.split(' ')).toEqual(expect.arrayContaining(['noopener', 'noreferrer']));
});
