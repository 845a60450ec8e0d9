import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsFiles } from '../../config.ts';
import { commitBytesMax } from '../../events/commit.ts';
import { sleep } from '../../runtime/timers.ts';
import { addressOf, type NatsAddress } from './nats-address.ts';
import { reasonOf } from './nats-failure.ts';
import { isAtLeast } from './server-version.ts';

/** A connection to NATS, and what its operator should know. */
export type Connected = {
  readonly nc: NatsConnection;
  /** A sentence about what this server cannot guarantee, or does not report. */
  readonly warning: string;
};

export type ConnectNatsOptions = {
  /** Listed in the server's monitoring. */
  readonly name?: string;
  /** Credentials and certificates. */
  readonly files?: NatsFiles;
  /** The timeout of the first connection, in ms. */
  readonly connectMsMax?: number;
};

const oldest = '2.9.0';
const durable = '2.10.0';
/** A commit and its headers must fit into one message. */
const payloadBytesMin = commitBytesMax + 4096;
const reconnectWaitMs = 250;
/** A stop must not wait longer for unavailable servers. */
const drainMsMax = 1000;
const pingMs = 20_000;

/** Closes a connection once what was sent has arrived, or after a second. Never rejects. */
export const endConnection = async (nc: NatsConnection): Promise<void> => {
  const over = new AbortController();
  const late = sleep(drainMsMax, { signal: over.signal });
  await Promise.race([nc.drain(), late]).catch(() => undefined);
  over.abort();
  late.catch(() => undefined);
  await nc.close().catch(() => undefined);
};

/**
 * Connects to the nats-server at `url`: `nats://` or `tls://`, several separated by commas, with `user:password@` or
 * `token@` where needed. Once connected it reconnects without end. Rejects with one line that says what to do if a file
 * cannot be used, or the server cannot be reached, refuses the credentials, is too old, or has no JetStream.
 */
export const connectNats = async (
  url: string,
  options: ConnectNatsOptions = {},
): Promise<Connected> => {
  const address = addressOf(url, options.files ?? {});
  const at = address.servers.join(',');
  const nc = await dial(address, options);
  const version = nc.info?.version ?? '';
  try {
    if (!isAtLeast(version, oldest)) {
      throw new Error(
        `the NATS server at ${at} is version ${version}: Oshi needs ${oldest} or later, best 2.12 or later.`,
      );
    }
    if ((nc.info?.max_payload ?? 0) < payloadBytesMin) {
      throw new Error(
        `the NATS server at ${at} takes messages of ${nc.info?.max_payload} bytes: set its max_payload to ${payloadBytesMin} or more.`,
      );
    }
    await checkJetstream(nc, at);
  } catch (error) {
    await nc.close();
    throw error;
  }
  return { nc, warning: isAtLeast(version, durable) ? unknownSync : noSync(version) };
};

const noSync = (version: string): string =>
  `NATS server ${version} cannot sync each write: a power cut can lose acknowledged messages; run 2.10 or later.`;

/** The server reports the setting only to its monitoring and its system account, which has no JetStream. */
const unknownSync =
  'Whether the NATS server syncs each write cannot be determined: without "sync_interval: always" in its jetstream block a power cut can lose acknowledged messages.';

const dial = async (
  address: NatsAddress,
  { name = 'oshi', connectMsMax = 5_000 }: ConnectNatsOptions,
): Promise<NatsConnection> => {
  try {
    return await connect({
      ...address.login,
      servers: address.servers,
      name,
      noAsyncTraces: true,
      timeout: connectMsMax,
      maxReconnectAttempts: -1,
      reconnectTimeWait: reconnectWaitMs,
      reconnectJitter: reconnectWaitMs,
      // The client would give up after two refused logins, which happen while a server is being set up.
      ignoreAuthErrorAbort: true,
      pingInterval: pingMs,
    });
  } catch (cause) {
    throw new Error(await reasonOf(cause, address), { cause });
  }
};

const checkJetstream = async (nc: NatsConnection, at: string): Promise<void> => {
  const missing = `the NATS server at ${at} has JetStream disabled: enable it ("jetstream { }" in its configuration, or -js).`;
  if (!nc.info?.jetstream) throw new Error(missing);
  let reply: { error?: { description?: string } };
  try {
    reply = (await nc.request('$JS.API.INFO', '', { timeout: 5_000 })).json();
  } catch (cause) {
    throw new Error(missing, { cause });
  }
  if (reply.error) throw new Error(`${missing} It says: ${reply.error.description}.`);
};
