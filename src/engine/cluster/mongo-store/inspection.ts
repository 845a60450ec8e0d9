import type { MongoClient } from 'mongodb';
import { type Check, checking, isLoopback } from '../../check.ts';
import { checkClock, checkProtection } from '../server-checks.ts';
import { connectMongo } from './connection.ts';
import { databaseIn } from './mongo-store.ts';

const selectionMs = 5_000;

/** Checks MongoDB, on a connection of its own. */
export const inspectMongo = async (url: string): Promise<readonly Check[]> => {
  const found: Check[] = [];
  const reached = await checking('MongoDB', async () => {
    const client = await connectMongo({ url, selectionMs });
    try {
      const admin = client.db().admin();
      const [{ version }, { setName }] = await Promise.all([
        admin.command({ buildInfo: 1 }),
        admin.command({ hello: 1 }),
      ]);
      found.push(...(await checksOn(client)));
      const role = setName === undefined ? 'standalone' : `replica set ${setName}`;
      return `version ${version}, ${role}, database ${databaseIn(url)}`;
    } finally {
      await client.close();
    }
  });
  return [reached, ...found];
};

const checksOn = async (client: MongoClient): Promise<readonly Check[]> => {
  const { hosts, tls, credentials } = client.options;
  const clock = await checkClock('MongoDB', async () => {
    const { localTime } = await client.db().admin().command({ hello: 1 });
    return localTime instanceof Date ? localTime.getTime() : undefined;
  });
  const protection = checkProtection({
    server: 'MongoDB',
    // A socket in the file system has no host.
    isLocal: hosts.every(({ host = 'localhost' }) => isLoopback(host)),
    hasTls: tls === true,
    login: credentials && (logins[credentials.mechanism] ?? credentials.mechanism),
  });
  return [...protection, clock];
};

/** How to call mechanisms of authentication; the default is a password. */
const logins: Readonly<Record<string, string>> = {
  DEFAULT: 'user and password',
  'SCRAM-SHA-1': 'user and password',
  'SCRAM-SHA-256': 'user and password',
  'MONGODB-X509': 'client certificate',
};
