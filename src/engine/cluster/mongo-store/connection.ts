import { MongoClient, MongoError, MongoServerError } from 'mongodb';

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
    await client.db().command({ connectionStatus: 1 });
    return client;
  } catch (error) {
    await client.close();
    throw error instanceof MongoError ? explained(error, options.url) : error;
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

const explained = (error: MongoError, url: string): Error => {
  const address = withoutSecrets(url);
  if (error instanceof MongoServerError && authenticationCodes.has(Number(error.code))) {
    return new Error(
      `MongoDB at ${address} refuses the login (${messageOf(error)}): check the user, the password and authSource in OSHI_MONGODB_URL`,
      { cause: error },
    );
  }
  if (error.message.includes('wire version')) {
    return new Error(
      `the MongoDB server at ${address} is too old: Oshi needs MongoDB 5.0 or later`,
      { cause: error },
    );
  }
  return new Error(
    `MongoDB at ${address} cannot be reached (${messageOf(error)}): start it or correct OSHI_MONGODB_URL`,
    { cause: error },
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
