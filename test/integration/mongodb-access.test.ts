import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ServerProcess } from '../../tools/servers/server-process.ts';
import { until } from '../support/checkers/waiting.ts';
import { type Authority, makeAuthority, openssl } from '../support/fixtures/certificates.ts';
import { runCommand } from '../support/fixtures/commands.ts';
import { expectRefused, expectServed, expectUnreachable } from '../support/fixtures/served.ts';
import type { Environment } from '../support/fixtures/server-process.ts';
import { describeWithServers, startOwnMongod, startOwnNats } from '../support/fixtures/servers.ts';

let dir = '';
let mongod: ServerProcess | undefined;
let nats: ServerProcess | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'oshi-mongodb-access-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));
afterEach(async () => {
  await Promise.all([mongod?.stop(), nats?.stop()]);
});

/** Starts both servers; the environment for Oshi with what comes before and after the address of MongoDB. */
const start = async (
  ...extraArgs: readonly string[]
): Promise<(after?: string, before?: string) => Environment> => {
  mongod = await startOwnMongod({ extraArgs });
  nats = await startOwnNats();
  const { port } = mongod;
  const OSHI_NATS_URL = nats.url;
  return (after = '', before = '') => ({
    OSHI_NATS_URL,
    OSHI_MONGODB_URL: `mongodb://${before}127.0.0.1:${port}/chat${after}`,
  });
};

/** Sends commands as an administrator, which a server without users allows from its own machine. */
const administer = async (
  commands: readonly (readonly [string, Document])[],
  options: MongoClientOptions = {},
): Promise<void> => {
  const client = new MongoClient(
    `mongodb://127.0.0.1:${mongod?.port}/?directConnection=true`,
    options,
  );
  try {
    for (const [database, command] of commands) await client.db(database).command(command);
  } finally {
    await client.close();
  }
};

const pwd = 's3cret @:/?#[]%,ä';
const roles = ['readWriteAnyDatabase'];

describeWithServers('a MongoDB with users', () => {
  test('user and password are percent-encoded, and authSource names their database', async () => {
    const env = await start('--auth');
    await administer([['admin', { createUser: 'o@shi', pwd, roles }]]);
    const login = `o%40shi:${encodeURIComponent(pwd)}@`;
    await expectServed(env('?authSource=admin', login));
    const refused =
      /MongoDB at .* refuses the login .*: check the user, the password and authSource/;
    await expectRefused(env('?authSource=admin', 'o%40shi:secret@'), [refused]);
    await expectUnreachable(env('', login), [refused]);
    await expectUnreachable(env(), [refused]);
    await expectUnreachable(env('', 'oshi:s3cret/@'), [/OSHI_MONGODB_URL.*unescaped characters/]);
  });

  test('a user of one database can run Oshi, and is told what oshi verify needs', async () => {
    const env = await start('--auth');
    const own = [{ role: 'readWrite', db: 'chat' }];
    await administer([['admin', { createUser: 'root', pwd, roles: ['root'] }]]);
    await administer([['admin', { createUser: 'oshi', pwd: 's3cret', roles: own }]], {
      auth: { username: 'root', password: pwd },
    });
    const settings = env('?authSource=admin', 'oshi:s3cret@');
    await expectServed(settings, ['verify', '--no-models']);
    expect(await runCommand(['verify'], settings)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^oshi: .* grant it the role readWriteAnyDatabase.*\n$/),
    });
  });

  test('a replica set whose members authenticate by a key file', async () => {
    const keyFile = join(dir, 'keyfile');
    await writeFile(keyFile, randomBytes(48).toString('base64'), { mode: 0o600 });
    const env = await start('--replSet', 'kit', '--keyFile', keyFile);
    const members = [{ _id: 0, host: `127.0.0.1:${mongod?.port}` }];
    await administer([['admin', { replSetInitiate: { _id: 'kit', members } }]]);
    const user: Document = { createUser: 'oshi', pwd: 's3cret', roles };
    const created = (): Promise<boolean> =>
      administer([['admin', user]]).then(
        () => true,
        () => false,
      );
    await until(created, 'a primary');
    await expectServed(env('?replicaSet=kit&authSource=admin', 'oshi:s3cret@'));
    const other = env('?replicaSet=other&authSource=admin', 'oshi:s3cret@');
    await expectUnreachable(other, [/MongoDB/, /replicaSet/]);
  });
});

describe.skipIf(openssl === '')('MongoDB with TLS', () => {
  let authority: Authority;
  let other: Authority;
  beforeAll(async () => {
    authority = await makeAuthority(dir, 'own');
    other = await makeAuthority(dir, 'other');
  });

  describeWithServers('an authority of its own', () => {
    test('is trusted by tlsCAFile', async () => {
      const { both } = await authority.sign('server');
      const env = await start('--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', both);
      await expectServed(env(`?tls=true&tlsCAFile=${authority.ca}`));
      const untrusted = /MongoDB.*certificate is not trusted.*tlsCAFile/;
      await expectRefused(env('?tls=true'), [untrusted]);
      await expectUnreachable(env(`?tls=true&tlsCAFile=${other.ca}`), [untrusted]);
      await expectUnreachable(env(), [/MongoDB.*add tls=true/]);
      const none = join(dir, 'none.pem');
      for (const name of ['tlsCAFile', 'tlsCertificateKeyFile']) {
        await expectUnreachable(env(`?tls=true&${name}=${none}`), [
          `OSHI_MONGODB_URL: ${none} cannot`,
        ]);
      }
    });
  });

  describeWithServers('client certificates', () => {
    test('identify the user, too', async () => {
      const { both } = await authority.sign('mutual');
      const client = await authority.sign('client');
      const strange = await other.sign('client');
      const files = ['--tlsCertificateKeyFile', both, '--tlsCAFile', authority.ca];
      const env = await start('--auth', '--tlsMode', 'requireTLS', ...files);
      const tls = { tlsCAFile: authority.ca, tlsCertificateKeyFile: client.both };
      const user = { createUser: 'CN=client', roles: roles.map((role) => ({ role, db: 'admin' })) };
      await administer([['admin', { createUser: 'root', pwd, roles: ['root'] }]], {
        tls: true,
        ...tls,
      });
      await administer([['$external', user]], {
        ...{ tls: true, ...tls, auth: { username: 'root', password: pwd }, authSource: 'admin' },
      });
      const query = (file: string): string =>
        `?tls=true&tlsCAFile=${authority.ca}&authMechanism=MONGODB-X509${file && `&tlsCertificateKeyFile=${file}`}`;
      await expectServed(env(query(client.both)));
      const rejected = /MongoDB.*tlsCertificateKeyFile/;
      for (const file of ['', strange.both]) await expectUnreachable(env(query(file)), [rejected]);
    });
  });
});
