import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';
import { isOwnOrigin, schemeOf } from '../../../src/http/origin.ts';

const host = 'chat.example.test';

/** What a server that takes a proxy's word, or not, makes of the headers of a request. */
const seen = async (headers: Record<string, string>, trustProxy = true) => {
  const app = fastify({ trustProxy });
  onTestFinished(() => app.close());
  app.get('/', async (request) => ({ scheme: schemeOf(request), isOwn: isOwnOrigin(request) }));
  return (await app.inject({ url: '/', headers: { host, ...headers } })).json();
};

const behind = (proto: string, origin: string, forwarded = host) =>
  seen({ 'x-forwarded-proto': proto, 'x-forwarded-host': forwarded, origin });

test.for([
  ['https', `https://${host}`, host],
  ['wss', `https://${host}`, host],
  ['ws', `http://${host}`, host],
  ['HTTPS', `https://${host}`, host],
  ['https, https', `https://${host}`, host],
  ['https,http', `https://${host}`, host],
  ['wss,http', `https://${host}`, host],
  ['https', `https://${host}`, `${host}:443`],
  ['http', `http://${host}`, `${host}:80`],
  ['https', `https://${host}`, host.toUpperCase()],
  ['wss', `https://${host}:8443`, `${host}:8443`],
  ['https', 'https://xn--mnchen-3ya.test', 'münchen.test'],
] as const)(
  'behind a proxy that says %s, %s is the own origin of %s [H7]',
  async ([proto, origin, forwarded]) => {
    expect((await behind(proto, origin, forwarded)).isOwn).toBe(true);
  },
);

test.for([
  ['wss', 'https://evil.example.test', host],
  ['wss', `http://${host}`, host],
  ['http', `https://${host}`, host],
  ['https', `https://${host}:8443`, host],
  ['https', `https://${host}.evil.test`, host],
  ['https', 'null', host],
  ['https', 'no origin', host],
  ['null', 'null', 'null'],
  ['https', `https://${host}`, 'not a host'],
] as const)(
  'behind a proxy that says %s, %s is not the own origin of %s [H7]',
  async ([proto, origin, forwarded]) => {
    expect((await behind(proto, origin, forwarded)).isOwn).toBe(false);
  },
);

test('the word of whoever is not trusted as a proxy counts for nothing', async () => {
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'other.test' };
  expect(await seen({ ...headers, origin: 'https://other.test' }, false)).toEqual({
    ...{ scheme: 'http', isOwn: false },
  });
  expect(await seen({ ...headers, origin: `http://${host}` }, false)).toEqual({
    ...{ scheme: 'http', isOwn: true },
  });
});
