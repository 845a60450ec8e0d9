import { MongoClient, MongoError, MongoServerError } from 'mongodb';
import { type TlsFailure, tlsFailureOf } from '../tls-failure.ts';

export type ConnectionOptions = {
  readonly url: string;
  /** How long to look for a server, at the start and whenever it is lost, in ms; at least 500. */
  readonly selectionMs: number;
};

/**
 * A connection that has been tested; rejects with one line that says what to do if the server cannot be reached,
 * refuses the credentials, or is older than 5.0.
 */
export const connectMongo = async (options: ConnectionOptions): Promise<MongoClient> => {
  const client = clientOf(options);
  try {
    await client.connect();
    await checkVersion(client);
    // Without a login a server with users refuses this, and not the commands before.
    await client.db().command({ listCollections: 1, nameOnly: true, authorizedCollections: true });
    return client;
  } catch (error) {
    await client.close();
    throw explained(error, { url: options.url, client });
  }
};

const heartbeatMs = 1000;
const connectMsMax = 3000;

/** The oldest supported wire version: 13 is MongoDB 5.0. */
const wireVersionMin = 13;

const clientOf = ({ url, selectionMs }: ConnectionOptions): MongoClient => {
  try {
    return new MongoClient(url, {
      serverSelectionTimeoutMS: selectionMs,
      // Detects a server that has become silent: connections to it are then replaced.
      heartbeatFrequencyMS: Math.min(selectionMs, heartbeatMs),
      connectTimeoutMS: Math.min(selectionMs, connectMsMax),
      ignoreUndefined: true,
      appName: 'oshi',
    });
  } catch (cause) {
    throw new Error(
      `OSHI_MONGODB_URL is not a MongoDB URL (${messageOf(cause)}); it looks like mongodb://host:27017/oshi`,
      { cause },
    );
  }
};

const checkVersion = async (client: MongoClient): Promise<void> => {
  const { maxWireVersion } = await client.db().admin().command({ hello: 1 });
  if (typeof maxWireVersion === 'number' && maxWireVersion >= wireVersionMin) return;
  throw new Error(
    `the MongoDB server is too old (wire version ${maxWireVersion}): Oshi needs MongoDB 5.0 or later`,
  );
};

type Attempt = { readonly url: string; readonly client: MongoClient };

const tlsRemedies: Readonly<Record<TlsFailure, string>> = {
  untrusted:
    'its certificate is not trusted: name the certificate of its authority as tlsCAFile in OSHI_MONGODB_URL',
  'other-name': 'its certificate is for other names: use one of them in OSHI_MONGODB_URL',
  expired: 'its certificate is not valid now: renew it, or correct the clock of this machine',
  rejected:
    'it requires a client certificate that it trusts: set or correct tlsCertificateKeyFile in OSHI_MONGODB_URL',
};

/** The error as one line that says what to do. */
const explained = (error: unknown, { url, client }: Attempt): unknown => {
  const because = (line: string): Error => new Error(line, { cause: error });
  const { code, path } = error as NodeJS.ErrnoException;
  if (!(error instanceof MongoError)) {
    return path === undefined
      ? error
      : because(
          `OSHI_MONGODB_URL: ${path} cannot be read (${code}); correct tlsCAFile or tlsCertificateKeyFile`,
        );
  }
  const address = withoutSecrets(url);
  const why = messageOf(error);
  if (error instanceof MongoServerError && authenticationCodes.has(Number(code))) {
    return because(
      `MongoDB at ${address} refuses the login (${why}): check the user, the password and authSource in OSHI_MONGODB_URL`,
    );
  }
  if (error.message.includes('wire version')) {
    return because(`the MongoDB server at ${address} is too old: Oshi needs MongoDB 5.0 or later`);
  }
  const { tls, replicaSet } = client.options;
  const isClosed = /closed|ECONNRESET/.test(why);
  const failure = tlsFailureOf(error) ?? (tls && isClosed && 'rejected');
  if (failure)
    return because(`no TLS connection to MongoDB at ${address} (${why}): ${tlsRemedies[failure]}`);
  const advice = isClosed
    ? ', add tls=true if it requires TLS,'
    : replicaSet && ', check that replicaSet is the name of its replica set,';
  return because(
    `MongoDB at ${address} cannot be reached (${why}): start it${advice || ''} or correct OSHI_MONGODB_URL`,
  );
};

/** Unauthorized, failed authentication, and the error of Atlas. */
const authenticationCodes = new Set([13, 18, 8000]);

const withoutSecrets = (url: string): string =>
  url
    .replace(/\/\/[^/]*@/u, '//')
    .split('?', 1)
    .join('');

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message.split('\n', 1).join('') : String(error);
