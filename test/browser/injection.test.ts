import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { until } from '../support/checkers/waiting.ts';
import { beforeBrowserTests, testInBrowser } from '../support/fixtures/browser.ts';
import {
  choose,
  composer,
  messages,
  sendMessage,
  waitForMessage,
} from '../support/fixtures/page-actions.ts';
import { type Guest, usePageStage } from '../support/fixtures/page-stage.ts';
import { makeCircle, type Person, post } from '../support/fixtures/server-people.ts';

/** Script injections by an attacker. */
const payloads = [
  '<script>window.hacked=1</script>',
  '<img src=x onerror="window.hacked=1">',
  '"><svg onload=window.hacked=1>',
  `'-(window.hacked=1)-'`,
  '{{window.hacked=1}}',
  '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>',
  '<a href="javascript:window.hacked=1">here</a>',
] as const;

/** All of them together, for single-line fields. */
const payload = payloads.join(' ');

/** URLs that are not http or https. */
const wrongAddresses = [
  'javascript:window.hacked=1',
  'JaVaScRiPt:window.hacked=1//https://example.org',
  'data:text/html,<script>window.hacked=1</script>',
  'vbscript:window.hacked=1',
  'file:///etc/passwd',
];

/** Signs that something was rendered as HTML, or links to another scheme. */
const signs = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const foreign =
      'iframe, object, embed, base, style, meta[http-equiv], script:not([src^="/assets/"])';
    const isHandled = (element: Element): boolean =>
      element.getAttributeNames().some((name) => name.startsWith('on'));
    const isElsewhere = (address: string): boolean => !/^https?:/.test(address);
    const all = [...document.querySelectorAll('*')];
    const drawn = all.filter((element) => element.matches(foreign) || isHandled(element));
    const links = [...document.querySelectorAll('a')].filter(({ href }) => isElsewhere(href));
    const pictures = [...document.querySelectorAll('img')].filter(({ src }) => isElsewhere(src));
    return [
      ...('hacked' in window ? ['a script ran'] : []),
      ...[...drawn, ...links, ...pictures].map(({ outerHTML }) => outerHTML.slice(0, 200)),
    ];
  });

const it = testInBrowser;
const stage = usePageStage();
let ann: Guest;
let eve: Guest;
let bob: Person;
let circle: string;

/** The field shows the text as typed, and nothing was executed or rendered. */
const expectText = async (page: Page, text: string): Promise<void> => {
  await page.getByText(text).first().waitFor();
  expect(await signs(page)).toEqual([]);
};

beforeBrowserTests(async () => {
  const [owner, other] = [await stage.account('Ann'), await stage.account('Eve')];
  bob = await stage.account('Bob');
  circle = await makeCircle(owner, [other, bob]);
  // Without the content security policy, which would block most scripts, the page has to be safe by itself.
  const options = { path: `/c/${circle}`, bypassCSP: true };
  ann = await stage.enter(owner, options);
  eve = await stage.enter(other, options);
  await composer(ann.page).waitFor();
  await composer(eve.page).waitFor();
});

it('is not executed in messages, and links are http or https', async () => {
  for (const text of [...payloads, ...wrongAddresses, `[click](${wrongAddresses[0]})`]) {
    await sendMessage(eve.page, `${text} #`);
    await waitForMessage(ann.page, text);
  }
  await sendMessage(eve.page, 'https://example.org/"onmouseover="window.hacked=1 #');
  await sendMessage(eve.page, 'the very last');
  await waitForMessage(ann.page, 'the very last');
  const links = await messages(ann.page)
    .getByRole('link')
    .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  // One follows a word that is not a link, one precedes a quotation mark.
  expect(links).toEqual(['https://example.org/', 'https://example.org/']);
  expect(await signs(ann.page)).toEqual([]);
  expect(await signs(eve.page)).toEqual([]);
});

it('is not executed in names, profiles and nicknames', async () => {
  const name = payload.slice(0, 100);
  await eve.page.goto('/settings/profile');
  await eve.page.getByLabel('Display name').fill(name);
  await eve.page.getByLabel('About you').fill(payload);
  await eve.page.getByRole('button', { name: 'Save' }).click();
  await eve.page.getByText('Profile saved.').waitFor();
  await ann.page.reload();
  const members = ann.page.getByRole('complementary', { name: 'Members' });
  await members.getByRole('button', { name: payloads[0] }).click();
  const card = ann.page.getByRole('dialog', { name: payloads[0] });
  await card.getByText(payload).waitFor();
  expect(await signs(ann.page)).toEqual([]);
  await card.getByRole('button', { name: 'Close' }).click();

  await eve.page.goto(`/c/${circle}`);
  await choose(eve.page.getByRole('main'), 'More', 'Your nickname here');
  const nickname = eve.page.getByRole('dialog', { name: /^Your nickname/ });
  await nickname.getByLabel('Nickname').fill(`"><b>${payloads[1]}`);
  await nickname.getByRole('button', { name: 'Save' }).click();
  await members.getByRole('button', { name: `"><b>${payloads[1]}` }).waitFor();
  await composer(eve.page).pressSequentially('…');
  await ann.page.getByText(`${payloads[1]} is typing…`).waitFor();
  expect(await signs(ann.page)).toEqual([]);
  await composer(eve.page).fill('');
});

it('is not executed in names, topics and descriptions of circles and streams', async () => {
  const name = payload.slice(0, 100);
  await choose(ann.page.getByRole('main'), 'More', 'New stream');
  const stream = ann.page.getByRole('dialog', { name: /^New stream/ });
  await stream.getByLabel('Name').fill(name);
  await stream.getByLabel('Topic').fill(payload);
  await stream.getByRole('button', { name: 'Create stream' }).click();
  await expectText(ann.page, payload);
  await choose(ann.page.getByRole('main'), 'More', 'Circle settings');
  const settings = ann.page.getByRole('dialog', { name: 'Circle settings' });
  await settings.getByLabel('Name').fill(name);
  await settings.getByLabel('Description').fill(payload);
  await settings.getByRole('button', { name: 'Save' }).click();
  await settings.waitFor({ state: 'detached' });
  await expectText(eve.page, name);
  await eve.page.goto('/find');
  await expectText(eve.page, payload);
  await eve.page.keyboard.press('Control+k');
  await eve.page.getByRole('option', { name: payloads[0] }).first().waitFor();
  await eve.page.getByRole('combobox').fill(payload);
  await expectText(eve.page, 'No results.');
  await eve.page.keyboard.press('Escape');
  await eve.page.getByRole('searchbox').fill(payloads[1]);
  await expectText(eve.page, name);
});

it('is refused as a picture URL and as a username', async () => {
  for (const avatar of [...wrongAddresses, 'data:image/svg+xml,<svg onload="window.hacked=1"/>']) {
    const { status, body } = await bob.call('PATCH /v1/me', { avatar });
    expect([avatar, status, body.field]).toEqual([avatar, 400, 'avatar']);
    const look = await bob.call(`PATCH /v1/circles/${circle}/members/me/data`, { avatar });
    expect([avatar, look.status]).toEqual([avatar, 400]);
  }
  await eve.page.goto('/settings/profile');
  await eve.page.getByLabel('Picture').fill(wrongAddresses[0] ?? '');
  expect(await signs(eve.page)).toEqual([]);
  await eve.page.getByRole('button', { name: 'Save' }).click();
  await eve.page.getByRole('form', { name: 'Profile' }).locator('[aria-invalid=true]').waitFor();

  const stranger = await stage.visit('/', { bypassCSP: true });
  await stranger.page.getByRole('button', { name: 'Create an account' }).click();
  await stranger.page.getByLabel('Username').fill(payloads[0]);
  await stranger.page.getByLabel('Password').fill('correct horse battery');
  await stranger.page.getByRole('button', { name: 'Create account' }).click();
  await stranger.page.locator('[aria-invalid=true]').waitFor();
  expect(await signs(stranger.page)).toEqual([]);
});

it('is not executed in URLs of the page', async () => {
  const paths = payloads.map((text) => encodeURIComponent(text));
  for (const path of [
    ...paths.map((path) => `/invite/${path}`),
    ...paths.map((path) => `/#${path}`),
    `/c/${circle}/${paths[1]}?q=${paths[1]}#${paths[1]}`,
    `/settings/${paths[1]}`,
    `/history/${paths[1]}`,
    '/invite/javascript:window.hacked=1',
  ]) {
    await eve.page.goto(path);
    await eve.page.getByRole('main').waitFor();
    expect(await signs(eve.page), path).toEqual([]);
  }
  await eve.page.goto('/');
  await choose(
    eve.page.getByRole('region', { name: 'Circles' }),
    'Add a circle',
    'Join with a link',
  );
  const dialog = eve.page.getByRole('dialog', { name: 'Join with a link' });
  await dialog.getByLabel('Invite link or code').fill('javascript:window.hacked=1');
  await dialog.getByRole('button', { name: 'View invite' }).click();
  await eve.page.getByRole('heading', { name: 'Invalid invite' }).waitFor();
  expect(await signs(eve.page)).toEqual([]);
});

it('is also shown when posted without the page', async () => {
  await post(bob, circle, { text: payload });
  await ann.page.goto(`/c/${circle}/${circle}`);
  await waitForMessage(ann.page, payload);
  await until(async () => (await signs(ann.page)).length === 0, 'nothing is drawn');
});

it('would be blocked by the content security policy', async () => {
  for (const path of ['/', '/find', `/c/${circle}`, '/invite/x', '/history', '/settings/profile']) {
    const answer = await fetch(`${stage.url()}${path}`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toContain('unsafe-');
  }
  const { page } = await stage.enter(bob);
  await page.getByRole('main').waitFor();
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.hacked=1';
    document.body.append(script);
  });
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
});

it('there are no console errors', () => {
  // Expected errors: invalid pictures, invalid invites, and what the policy blocks.
  const meant = /status of (400|404|410)|Content Security Policy/;
  expect(stage.consoleErrors().filter((error) => !meant.test(error))).toEqual([]);
});
