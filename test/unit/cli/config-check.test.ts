import { expect, test } from 'vitest';
import { checkSettings } from '../../../src/cli/config/settings-checks.ts';
import { variables } from '../../../src/config.ts';

/** The names of what is not ok, with their status. */
const complaints = (environment: Record<string, string>): string[] =>
  checkSettings(environment)
    .checks.filter(({ status }) => status !== 'ok')
    .map(({ status, name }) => `${status} ${name}`);

const closed = { OSHI_REGISTRATION: 'invite', OSHI_METRICS_TOKEN: 'a-token-for-prometheus' };

test('defaults have no errors and no warnings', () => {
  expect(complaints({})).toEqual([]);
  expect(checkSettings({}).config).toBeDefined();
});

test('all values that cannot be used are named, and unknown names with the nearest', () => {
  const bad = { OSHI_PORT: 'x', OSHI_MESSAGE_MAX: '0', OSHI_NATS_URL: 'nats://a', OSHI_PROT: '1' };
  const { config, checks } = checkSettings(bad);
  expect(config).toBeUndefined();
  expect(checks.map(({ status, found }) => `${status} ${found}`).toSorted()).toEqual([
    expect.stringMatching(/^error OSHI_MESSAGE_MAX is "0"/),
    expect.stringMatching(/^error OSHI_NATS_URL is set and OSHI_MONGODB_URL is not/),
    expect.stringMatching(/^error OSHI_PORT is "x"/),
    expect.stringMatching(/^warning OSHI_PROT .*OSHI_PORT$/),
  ]);
});

test('an environment of nothing but invalid values ends', () => {
  const bad = Object.fromEntries(variables.map((name) => [name, '\n']));
  expect(complaints(bad).length).toBeGreaterThan(10);
});

test.for(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])(
  '%s is reached from this machine',
  (host) => {
    expect(complaints({ OSHI_HOST: host, OSHI_TRUST_PROXY: 'on' })).toEqual([]);
  },
);

test.for(['0.0.0.0', '::', '10.0.0.1', 'chat.example.org', '127.0.0.1.example.org'])(
  '%s is reached from other machines: what is open to them is named',
  (host) => {
    expect(complaints({ OSHI_HOST: host })).toEqual(['warning metrics', 'warning registration']);
    expect(complaints({ OSHI_HOST: host, ...closed })).toEqual([]);
    const trusting = { OSHI_HOST: host, ...closed, OSHI_TRUST_PROXY: 'on' };
    expect(complaints(trusting)).toEqual(['warning proxy']);
    expect(complaints({ ...trusting, OSHI_TRUST_PROXY: '10.0.0.7' })).toEqual([]);
  },
);

test('protection that is off is named, with what to do', () => {
  const off = { OSHI_RATE_LIMITS: 'off', OSHI_CHECKPOINT_MINUTES: '0' };
  expect(complaints(off)).toEqual(['warning rate limits', 'warning checkpoints']);
  for (const { status, remedy } of checkSettings(off).checks) {
    expect(remedy !== undefined).toBe(status === 'warning');
  }
});

test('settings for NATS have no effect on files', () => {
  const nats = { OSHI_NATS_REPLICAS: '3', OSHI_NATS_TLS_CA: '/etc/oshi/ca.pem' };
  expect(complaints(nats)).toEqual(['warning settings', 'warning settings']);
  const urls = { OSHI_NATS_URL: 'nats://a', OSHI_MONGODB_URL: 'mongodb://b' };
  expect(complaints({ ...nats, ...urls })).toEqual([]);
});
