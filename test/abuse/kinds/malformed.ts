import { clientFrame } from '../../support/doubles/client-frame.ts';
import { addressOf, openRaw, openUpgraded, pause } from '../../support/fixtures/raw-socket.ts';
import type { Person } from '../../support/fixtures/server-people.ts';
import type { Chance } from '../../support/generators/chance.ts';
import type { Attack, Kind } from './kind.ts';

const bytesOf = (chance: Chance, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => chance.under(256)));

const nasty = [
  ...[
    '',
    '\u0000',
    '\ud800',
    '\u202e',
    '\ufffe',
    'é'.normalize('NFD'),
    '🏻'.repeat(40),
    '@'.repeat(4000),
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '../../etc/passwd',
    '%00',
    '%ff',
    "' or 1=1 --",
    '$where',
  ],
  ...[null, true, -0, 1e308, -1, 0.5, 2 ** 53, [], {}, { $gt: '' }, [[[[[[]]]]]]],
] as const;

const names = [
  't',
  'id',
  's',
  'op',
  'd',
  'key',
  'v',
  'token',
  'after',
  'last',
  'limit',
  'epoch',
  'text',
];
const types = ['hello', 'sub', 'unsub', 'cmd', 'get', 'sig', 'pong', 'paint', ''];
const operations = [
  'post-message',
  'react',
  'mark-read',
  'create-circle',
  'set-member-data',
  'x',
  '',
];

/** JSON that resembles a frame, with fields that are wrong, missing, unknown or too many. */
const frameText = ({ chance, s }: Attack): string => {
  const frame: Record<string, unknown> = {
    t: chance.pick(types),
    id: 'q',
    s,
    op: chance.pick(operations),
    d: { s, id: 'x', text: chance.pick(nasty) },
  };
  for (let changes = chance.under(4); changes >= 0; changes--) {
    const name = chance.pick(names);
    if (chance.under(3) === 0) delete frame[name];
    else frame[name] = chance.pick(nasty);
  }
  const text = JSON.stringify(frame);
  switch (chance.under(8)) {
    case 0:
      return text.slice(0, chance.under(text.length));
    case 1:
      return `${'['.repeat(chance.under(20_000))}${text}`;
    case 2:
      return text.replace('"id":"q"', '"id":1e400,"__proto__":{"x":1}');
    default:
      return text;
  }
};

/** Bytes of a frame whose header says what must not be said, or that is whole but for one byte. */
const brokenFrame = (attack: Attack): Buffer => {
  const { chance } = attack;
  const frame = clientFrame(frameText(attack), {
    opcode: chance.under(16),
    fin: chance.under(3) > 0,
  });
  switch (chance.under(4)) {
    case 0:
      frame[0] = chance.under(256);
      return frame;
    case 1:
      frame[1] = chance.under(256);
      return frame;
    case 2:
      return frame.subarray(0, chance.under(frame.length));
    default:
      return bytesOf(chance, 1 + chance.under(200));
  }
};

const methods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'BREW'];
const paths = [
  ...[
    '/',
    '//',
    '/..',
    '/%',
    '/%ff',
    '/docs',
    '/openapi.json',
    '/v1/me',
    '/v1/users',
    '/v1/users?ids=,,',
  ],
  ...[
    '/v1/circles',
    '/v1/circles?limit=0',
    '/v1/unread?cursor=%00',
    '/v1/connect',
    '/v1/sessions/x',
  ],
  ...['/v1/invites/%F0%9F', '/v1/circles/x/streams/y/messages/z', `/${'a'.repeat(3000)}`],
];
const headers = [
  ...['Range: bytes=9-1', 'If-Match: "x"', 'If-None-Match: *', 'Content-Type: text/plain'],
  ...[
    'Content-Type: application/json',
    'Content-Length: 3',
    'Content-Length: -1',
    'Expect: 100-continue',
  ],
  ...[
    'Transfer-Encoding: chunked',
    'Oshi-Position: 0:99999999999',
    'Oshi-Position: x',
    'Idempotency-Key: x',
  ],
  ...[
    'Cookie: oshi_session=x',
    'Origin: null',
    'Authorization: Basic x',
    'Accept-Encoding: nothing',
    ': x',
  ],
];

/** The text of a request that nobody would send. */
const request = ({ chance, s, url }: Attack, { token }: Person, from: string): string => {
  const [circle, stream] = s.split('/');
  const known = [`/v1/circles/${circle}`, `/v1/circles/${circle}/streams/${stream}/messages`];
  const path = chance.pick([...paths, ...known]);
  const lines = [`${chance.pick(methods)} ${path} HTTP/1.1`, `Host: ${new URL(url).host}`];
  lines.push(`X-Forwarded-For: ${from}`);
  if (chance.under(2) === 0) lines.push(`Authorization: Bearer ${token}`);
  for (let more = chance.under(4); more > 0; more--) lines.push(chance.pick(headers));
  const body = chance.under(2) === 0 ? JSON.stringify(chance.pick(nasty)) : '';
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
};

const lanesAtOnce = 24;

/** Sends one input on a connection of its own; gives the status of HTTP, if there was one. */
const sendOne = async (attack: Attack, index: number): Promise<string | undefined> => {
  const { chance, url, rogue } = attack;
  const from = addressOf(index);
  if (chance.under(3) === 0) {
    const raw = await openRaw(url, { keeps: true });
    const isText = chance.under(8) > 0;
    raw.socket.write(isText ? request(attack, rogue, from) : bytesOf(chance, 300));
    raw.socket.end();
    await Promise.race([raw.gone, pause(500)]);
    raw.socket.destroy();
    return /^HTTP\/1\.1 (\d+)/.exec(raw.text())?.[1];
  }
  const raw = await openUpgraded(url, from);
  if (chance.under(2) === 0) {
    raw.socket.write(
      clientFrame(JSON.stringify({ t: 'hello', id: 'h', v: 1, token: rogue.token })),
    );
  }
  for (let more = chance.under(3); more >= 0; more--) {
    raw.socket.write(chance.under(2) === 0 ? clientFrame(frameText(attack)) : brokenFrame(attack));
  }
  await pause(chance.under(8));
  if (chance.under(2) === 0) raw.socket.resetAndDestroy();
  else raw.socket.destroy();
  return undefined;
};

/** Inputs that a seed decides, on the socket and on HTTP, each on a connection of its own. */
const malformed: Kind = async (attack) => {
  let inputs = 0;
  const faults = new Set<string>();
  const lane = async (): Promise<void> => {
    while (performance.now() < attack.until || inputs < attack.inputsMin) {
      const status = await sendOne(attack, inputs++);
      // 501 and 505 are Node's own: a method or a version that HTTP does not have.
      if (status !== undefined && /^5/.test(status) && !/^50[15]/.test(status)) {
        faults.add(`an input was answered ${status}`);
      }
    }
  };
  await Promise.all(Array.from({ length: lanesAtOnce }, lane));
  return { did: `${inputs.toLocaleString('en')} malformed inputs`, faults: [...faults] };
};

export const malformedKinds = { malformed } satisfies Record<string, Kind>;
