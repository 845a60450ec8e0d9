import { expect, test } from 'vitest';
import { addressOf } from '../../../../src/engine/cluster/nats-address.ts';

test.for([
  ['localhost', { servers: ['nats://localhost'], login: {} }],
  ['tls://a:4222', { servers: ['tls://a:4222'], login: { tls: {} } }],
  [
    'nats://u:p@a:1, b:2',
    { servers: ['nats://a:1', 'nats://b:2'], login: { user: 'u', pass: 'p' } },
  ],
  [
    'nats://a:1,tls://u:p@b:2/',
    { servers: ['nats://a:1', 'tls://b:2'], login: { user: 'u', pass: 'p', tls: {} } },
  ],
  ['t%40%2C%2F%25@a', { servers: ['nats://a'], login: { token: 't@,/%' } }],
  [
    'nats://u:p@ss@[::1]:4222',
    { servers: ['nats://[::1]:4222'], login: { user: 'u', pass: 'p@ss' } },
  ],
] as const)('%s', ([url, address]) => {
  expect(addressOf(url, {})).toEqual(address);
});

test.for([
  ...[
    '',
    'nats://',
    'http://a:4222',
    'nats://u:secret/x@a',
    'nats://u:1/secret@a',
    'nats://u:1?secret@a',
  ],
  ...['nats://u:1#secret@a', 'nats://u:1,secret@a', 'nats://u:secret,x@a', 'nats://u:secret%zz@a'],
  ...['nats://u:secret@a,nats://v:secret@b', 'nats://secret1@a,secret2@b'],
])('%s is refused in one line without its secrets', (url) => {
  expect(() => addressOf(url, {})).toThrow(/^[^\n]*OSHI_NATS_URL[^\n]*$/);
  expect(() => addressOf(url, {})).not.toThrow(/secret/);
});

test('a missing file is named with its setting', () => {
  const files = { OSHI_NATS_CREDENTIALS: '/nowhere/oshi.creds' };
  expect(() => addressOf('nats://a', files)).toThrow(
    'OSHI_NATS_CREDENTIALS: /nowhere/oshi.creds cannot be read (ENOENT).',
  );
});
