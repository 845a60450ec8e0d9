import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sendRaw, statusesIn } from '../support/fixtures/raw-http.ts';
import { call, password, register } from '../support/fixtures/server-people.ts';
import { openStage, type ServerStage } from '../support/fixtures/server-stage.ts';

const seed = 20261128;
let stage: ServerStage;
let url = '';
let token = '';

beforeAll(async () => {
  stage = await openStage('embedded', { OSHI_LOG_LEVEL: 'info' });
  ({ url } = await stage.server());
  ({ token } = await register(url));
});
afterAll(() => stage.close());

/** Lines of the log that are more than information: a fault of the server's is one. */
const complaints = async (): Promise<string[]> => {
  const { stderr } = await stage.server();
  return stderr()
    .split('\n')
    .filter((line) => line !== '' && !/"level":30\b/.test(line));
};

const get = (path: string, headers: readonly string[] = []): Buffer =>
  Buffer.from(
    [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'),
    'latin1',
  );

test.for([
  ['/', ['Range: bytes=9-1'], 416],
  ['/mark.svg', ['Range: bytes=99999999-'], 416],
  ['/mark.svg', ['If-Match: "x"'], 412],
  ['/', ['If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT'], 412],
  ['/docs/static/swagger-ui.css', ['Range: bytes=9-1'], 416],
  ['/assets//', [], 403],
  ['//', [], 404],
  ['/../x', [], 404],
  ['/%', [], 400],
  ['/%ff', [], 400],
  ['/assets/%00', [], 404],
  ['/v1/users/'.padEnd(700, 'a'), [], 400],
  ['/'.padEnd(20_000, 'a'), [], 431],
  ['/', ['X: '.padEnd(20_000, 'x')], 431],
  ['/', ['Transfer-Encoding: x'], 400],
] as const)('GET %s with %s is %s, a problem, and no fault', async ([path, headers, status]) => {
  const answer = await sendRaw(url, get(path, headers));
  expect(statusesIn(answer)).toEqual([status]);
  expect(answer).toMatch(/\r\ncontent-type: application\/problem\+json/i);
  expect(await complaints()).toEqual([]);
});

const bytes = (unit: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(unit, { maxLength }).map((parts) => parts.join(''));

const pathPart = fc.constantFrom(
  ...['/', '//', '/v1/', '/v1/users', '/v1/circles/', '/v1/me', '/v1/sessions', '/v1/connect'],
  ...['/assets/', '/mark.svg', '/docs', '/docs/static/', '/metrics', '/openapi.json', '/c/', '/x'],
  ...[
    '.',
    '..',
    '%2e%2e',
    '%2f',
    '%',
    '%f',
    '%ff',
    '%00',
    '%E2%98',
    '\u00ff',
    '\t',
    ';',
    '\\',
    '*',
  ],
  ...['?', '#', '&', '=', 'limit=1', 'ids=', 'username=', 'at=', '[]', '__proto__', 'constructor'],
  ...[
    '019a0000-0000-7000-8000-000000000001',
    'streams/',
    'messages/',
    'reactions/',
    '%F0%9F%91%8D',
  ],
  ...['http://x', 'a'.repeat(600), 'a'.repeat(9000), '%41'.repeat(300)],
);
const method = fc.constantFrom(
  ...[
    'GET',
    'GET',
    'GET',
    'GET',
    'GET',
    'GET',
    'POST',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'TRACE',
    'QUERY',
  ],
  ...['PROPFIND', 'LOCK', 'CONNECT', 'FOO', 'get', '', 'G ET'],
);
const headerName = fc.constantFrom(
  ...['Range', 'If-Range', 'If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since'],
  ...['Content-Type', 'Content-Encoding', 'Accept-Encoding', 'Accept', 'Expect', 'Upgrade', 'Host'],
  ...[
    'Transfer-Encoding',
    'Content-Length',
    'Cookie',
    'Authorization',
    'Origin',
    'Idempotency-Key',
  ],
  ...[
    'Oshi-Position',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'Sec-Fetch-Site',
  ],
  ...[
    'Access-Control-Request-Method',
    'Sec-WebSocket-Key',
    'Sec-WebSocket-Version',
    'TE',
    '__proto__',
  ],
  ...['User-Agent', 'X', ' ', '\u00e9', ''],
);
const headerPart = fc.constantFrom(
  ...[
    'bytes=',
    '9-1',
    '-5',
    '0-0,',
    '99999999-',
    '"x"',
    'W/"',
    '*',
    'application/json',
    'text/plain',
  ],
  ...[
    '; charset=',
    'utf-16',
    'gzip',
    'br;q=',
    'identity;q=0',
    '100-continue',
    'websocket',
    'chunked',
  ],
  ...[
    '-1',
    '0',
    '5',
    '1e9',
    '0x1',
    'oshi_session=',
    '%',
    'Bearer ',
    'null',
    'http://x',
    '0:1',
    '9:9',
  ],
  ...[
    ',',
    ';',
    '=',
    ' ',
    '\t',
    '\u0080',
    '\u00ff',
    '127.0.0.1',
    '::',
    'Thu, 01 Jan 1970 00:00:00 GMT',
  ],
  ...['13', 'x'.repeat(300), 'x'.repeat(17_000)],
);
const body = fc.constantFrom(
  ...[
    '',
    '{}',
    '[]',
    '{',
    'null',
    '"\\ud800"',
    '{"__proto__":1}',
    '1e400',
    '\u0000',
    '\u00ff\u00fe',
  ],
  ...['['.repeat(5000), '{"username":{"a":1e999}}', `{"username":"ann","password":"${password}"}`],
  ...['5\r\nhello\r\n0\r\n\r\n', 'zz\r\n', 'GET / HTTP/1.1\r\n\r\n'],
);

/** What a server makes something of: chance alone would seldom come so far. */
const knownPath = fc.constantFrom(
  '/',
  '/mark.svg',
  '/docs/static/swagger-ui.css',
  '/v1/me',
  '/v1/sessions',
);
const knownHeaders: readonly (readonly [string, string])[] = [
  ...['9-1', '0-0,5-9', '-0', '99999999-'].map((range) => ['Range', `bytes=${range}`] as const),
  ...['If-Match', 'If-None-Match', 'If-Range'].map((name) => [name, '"x"'] as const),
  ...['application/json', 'text/plain'].map((type) => ['Content-Type', type] as const),
];
const knownHeader = fc.constantFrom(...knownHeaders);

type Request = {
  readonly method: string;
  readonly path: string;
  readonly version: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  readonly length: number | undefined;
  readonly knows: boolean;
};

const request: fc.Arbitrary<Request> = fc.record({
  method,
  path: fc.oneof(knownPath, bytes(pathPart, 6)),
  version: fc.oneof(
    { weight: 9, arbitrary: fc.constant('HTTP/1.1') },
    fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP', ''),
  ),
  headers: fc.oneof(
    fc.array(knownHeader, { maxLength: 2 }),
    fc.array<readonly [string, string]>(fc.tuple(headerName, bytes(headerPart, 4)), {
      maxLength: 5,
    }),
  ),
  body,
  // None, what there is, or more than that.
  length: fc.constantFrom(undefined, 0, 1, 0, 0),
  knows: fc.boolean(),
});

const written = ({
  method: verb,
  path,
  version,
  headers,
  body: sent,
  length,
  knows,
}: Request): Buffer =>
  Buffer.from(
    [
      `${verb} ${path} ${version}`,
      ...['Host: x', 'Connection: close'],
      ...(knows ? [`Authorization: Bearer ${token}`] : []),
      ...headers.map(([name, value]) => `${name}: ${value}`),
      ...(length === undefined
        ? []
        : [`Content-Length: ${Buffer.byteLength(sent, 'latin1') + length}`]),
      '',
      sent,
    ].join('\r\n'),
    'latin1',
  );

test(`whatever comes over a socket is no fault: no 5xx, nothing in the log, and the server lives (seed ${seed})`, async () => {
  const seen = new Set<number>();
  const law = fc.asyncProperty(
    fc.array(request, { minLength: 16, maxLength: 16 }),
    async (requests) => {
      const answers = await Promise.all(requests.map((each) => sendRaw(url, written(each))));
      const statuses = answers.flatMap(statusesIn);
      for (const status of statuses) seen.add(status);
      expect(statuses.filter((status) => status >= 500)).toEqual([]);
      expect(await complaints()).toEqual([]);
    },
  );
  await fc.assert(law, { seed, numRuns: 40, endOnFailure: true });
  // The requests reach far enough to be answered in many ways.
  expect([...seen]).toEqual(expect.arrayContaining([200, 400, 401, 404, 405, 412, 415, 416]));
  expect((await call(url, 'GET /healthz')).status).toBe(200);
  expect((await call(url, 'GET /v1/me', { token })).status).toBe(200);
});
