import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAccount,
  createOperator,
  createUser,
  encodeAccount,
  encodeOperator,
  encodeUser,
  fmtCreds,
} from '@nats-io/jwt';
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { type Authority, makeAuthority, openssl } from '../support/fixtures/certificates.ts';
import { expectRefused, expectServed, expectUnreachable } from '../support/fixtures/served.ts';
import type { Environment } from '../support/fixtures/server-process.ts';
import { describeWithServers, mongodbUrl, startOwnNats } from '../support/fixtures/servers.ts';

let dir = '';
let nats: ServerProcess | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-nats-access-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));
afterEach(() => nats?.stop());

const fileWith = async (name: string, text: string | Uint8Array): Promise<string> => {
  const path = join(dir, name);
  await writeFile(path, text);
  return path;
};

/** Starts a nats-server; the address of it with what comes before the host. */
const start = async (extraConfig: string): Promise<(before?: string) => Environment> => {
  nats = await startOwnNats({ extraConfig });
  const host = `127.0.0.1:${nats.port}`;
  const OSHI_MONGODB_URL = `${mongodbUrl()}/access-${randomUUID().slice(0, 8)}`;
  return (before = 'nats://') => ({ OSHI_NATS_URL: `${before}${host}`, OSHI_MONGODB_URL });
};

describeWithServers('a NATS server with passwords', () => {
  const password = 's3cret @:/?#[]%,ä';

  test('user and password are percent-encoded in the URL', async () => {
    const env = await start(`authorization { user: "o@shi", password: "${password}" }`);
    await expectServed(env(`nats://o%40shi:${encodeURIComponent(password)}@`));
    const correct = /refuses the credentials: correct .*OSHI_NATS_URL/;
    await expectRefused(env('nats://o%40shi:secret@'), [correct]);
    await expectUnreachable(env(), [correct]);
  });

  test('a token is the user of the URL', async () => {
    const env = await start(`authorization { token: "${password}" }`);
    await expectServed(env(`nats://${encodeURIComponent(password)}@`));
    await expectRefused(env('nats://secret@'), [/refuses the credentials/]);
  });

  test('several servers share what one of them or all name', async () => {
    const env = await start('authorization { user: oshi, password: "s3cret" }');
    const { OSHI_NATS_URL = '' } = env('nats://oshi:s3cret@');
    const down = 'oshi:s3cret@127.0.0.1:1';
    for (const list of [`nats://${down},${OSHI_NATS_URL}`, `${OSHI_NATS_URL}, ${down}`]) {
      await expectServed({ ...env(), OSHI_NATS_URL: list });
    }
    await expectServed({ ...env(), OSHI_NATS_URL: `nats://${down},127.0.0.1:${nats?.port}` });
    const different = `nats://oshi:secret@127.0.0.1:1,${OSHI_NATS_URL}`;
    await expectRefused({ ...env(), OSHI_NATS_URL: different }, [/different passwords/]);
  });
});

/** A server in operator mode, and a file of credentials of a user of its account. */
const operatorMode = async (): Promise<{ config: string; creds: Uint8Array }> => {
  const [operator, system, account, user] = [
    createOperator(),
    createAccount(),
    createAccount(),
    createUser(),
  ];
  const systemId = system.getPublicKey();
  const unlimited = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const limits = { ...unlimited, conn: -1, subs: -1, data: -1, payload: -1, imports: -1 };
  const config = [
    `operator: ${await encodeOperator('O', operator, { system_account: systemId })}`,
    `system_account: ${systemId}`,
    'resolver: MEMORY',
    'resolver_preload: {',
    `  ${systemId}: ${await encodeAccount('SYS', system, {}, { signer: operator })}`,
    `  ${account.getPublicKey()}: ${await encodeAccount('OSHI', account, { limits }, { signer: operator })}`,
    '}',
  ].join('\n');
  return { config, creds: fmtCreds(await encodeUser('oshi', user, account), user) };
};

describeWithServers('a NATS server in operator mode', () => {
  test('the credentials are in a file', async () => {
    const { config, creds } = await operatorMode();
    const env = await start(config);
    const OSHI_NATS_CREDENTIALS = await fileWith('oshi.creds', creds);
    await expectServed({ ...env(), OSHI_NATS_CREDENTIALS });
    await expectRefused(env(), [/refuses the credentials.*OSHI_NATS_CREDENTIALS/]);
    const strange = await fileWith('strange.creds', (await operatorMode()).creds);
    await expectUnreachable({ ...env(), OSHI_NATS_CREDENTIALS: strange }, [
      /refuses the credentials: correct or renew OSHI_NATS_CREDENTIALS/,
    ]);
    const both = { ...env('nats://oshi:s3cret@'), OSHI_NATS_CREDENTIALS };
    await expectUnreachable(both, [/OSHI_NATS_URL.*OSHI_NATS_CREDENTIALS.*use one/]);
    const empty = await fileWith('empty.creds', 's3cret');
    for (const path of [empty, join(dir, 'none.creds'), dir]) {
      const bad = { ...env(), OSHI_NATS_CREDENTIALS: path };
      await expectUnreachable(bad, [`OSHI_NATS_CREDENTIALS: ${path} `]);
    }
  });
});

describe.skipIf(openssl === '')('NATS with TLS', () => {
  let authority: Authority;
  let other: Authority;
  beforeAll(async () => {
    authority = await makeAuthority(dir, 'own');
    other = await makeAuthority(dir, 'other');
  });

  describeWithServers('an authority of its own', () => {
    test('is trusted by its certificate, with tls:// and nats://', async () => {
      const { cert, key } = await authority.sign('server');
      const env = await start(`tls { cert_file: "${cert}", key_file: "${key}" }`);
      const OSHI_NATS_TLS_CA = authority.ca;
      for (const scheme of ['tls://', 'nats://']) {
        await expectServed({ ...env(scheme), OSHI_NATS_TLS_CA });
      }
      const untrusted = /TLS.*certificate is not trusted: set OSHI_NATS_TLS_CA/;
      await expectRefused(env('tls://'), [untrusted]);
      await expectUnreachable({ ...env('tls://'), OSHI_NATS_TLS_CA: other.ca }, [untrusted]);
      for (const path of [key, join(dir, 'none.pem'), dir]) {
        const bad = { ...env(), OSHI_NATS_TLS_CA: path };
        await expectUnreachable(bad, [`OSHI_NATS_TLS_CA: ${path} `]);
      }
    });

    test('its certificate must be for the address that is used', async () => {
      const { cert, key } = await authority.sign('elsewhere', 'DNS:nats.example.org');
      const env = await start(`tls { cert_file: "${cert}", key_file: "${key}" }`);
      const trusting = { ...env('tls://'), OSHI_NATS_TLS_CA: authority.ca };
      await expectRefused(trusting, [/other names: use one .*OSHI_NATS_URL/]);
    });

    test('a server without TLS is refused where TLS is wanted', async () => {
      const env = await start('');
      for (const wanted of [env('tls://'), { ...env(), OSHI_NATS_TLS_CA: authority.ca }]) {
        await expectUnreachable(wanted, [/NATS.*TLS/i]);
      }
    });
  });

  describeWithServers('client certificates', () => {
    test('are required by the server', async () => {
      const server = await authority.sign('mutual');
      const client = await authority.sign('client');
      const strange = await other.sign('client');
      const env = await start(
        `tls { cert_file: "${server.cert}", key_file: "${server.key}", ca_file: "${authority.ca}", verify: true }`,
      );
      const trusting = { ...env('tls://'), OSHI_NATS_TLS_CA: authority.ca };
      const as = ({ cert, key }: { cert: string; key: string }): Environment => ({
        ...{ ...trusting, OSHI_NATS_TLS_CERT: cert, OSHI_NATS_TLS_KEY: key },
      });
      await expectServed(as(client));
      const rejected = /certificate.*OSHI_NATS_TLS_CERT and OSHI_NATS_TLS_KEY/;
      await expectRefused(trusting, [rejected]);
      await expectUnreachable(as(strange), [rejected]);
      const mixed = { cert: client.cert, key: strange.key };
      await expectUnreachable(as(mixed), [`OSHI_NATS_TLS_KEY: ${strange.key} is not the key`]);
      await expectUnreachable(as({ ...client, key: client.cert }), [
        `OSHI_NATS_TLS_KEY: ${client.cert}`,
      ]);
    });
  });
});
