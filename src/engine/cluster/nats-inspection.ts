import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ClusterConfig } from '../../config.ts';
import { type Check, checking, isLoopback } from '../check.ts';
import { addressOf } from './nats-address.ts';
import { connectNats, endConnection } from './nats-connection.ts';
import { checkClock, checkProtection } from './server-checks.ts';

/** Checks the NATS servers, on a connection of its own. */
export const inspectNats = async (servers: ClusterConfig): Promise<readonly Check[]> => {
  const { natsUrl, natsFiles: files } = servers;
  const found: Check[] = [];
  const reached = await checking('NATS', async () => {
    const { nc, warning } = await connectNats(natsUrl, { name: 'oshi check', files });
    try {
      found.push(...(await checksOn(nc, servers)), {
        ...{ status: 'warning', name: 'NATS durability', found: warning },
        remedy: 'make sure that each server has "sync_interval: always" in its jetstream block',
      });
      return `version ${nc.info?.version} with JetStream, at ${nc.getServer()}`;
    } finally {
      await endConnection(nc);
    }
  });
  return [reached, ...found];
};

const checksOn = async (
  nc: NatsConnection,
  { natsUrl, natsFiles, natsReplicas }: ClusterConfig,
): Promise<readonly Check[]> => {
  const { servers, login } = addressOf(natsUrl, natsFiles);
  const { tls_required, tls_available, tls_verify, cluster } = nc.info ?? {};
  const logins = {
    'credentials file': login.authenticator,
    'user and password': login.user,
    token: login.token,
    'client certificate': tls_verify,
  };
  const [used] = Object.entries(logins).find(([, value]) => value) ?? [];
  const protection = checkProtection({
    server: 'NATS',
    isLocal: servers.every((server) => isLoopback(new URL(server).hostname)),
    hasTls: Boolean(tls_required || tls_available),
    login: used,
  });
  const clock = await checkClock('NATS', () => timeOf(nc));
  if (cluster === undefined) return [...protection, clock];
  return [...protection, await checkCopies(nc, natsReplicas), clock];
};

/** A server's time, in ms since 1970. */
const timeOf = async (nc: NatsConnection): Promise<number | undefined> => {
  const reply = await nc.request('$SYS.REQ.USER.INFO', '', { timeout: 2_000 });
  const time = Date.parse(reply.json<{ server?: { time?: string } }>().server?.time ?? '');
  return Number.isNaN(time) ? undefined : time;
};

/** Checks on a cluster that nothing has, or will have, one copy. */
const checkCopies = async (nc: NatsConnection, replicas: number | undefined): Promise<Check> => {
  const name = 'NATS copies';
  const copies = new Set<number>();
  const { streams } = await jetstreamManager(nc);
  for await (const { config } of streams.list()) {
    if (/^(KV_)?OSHI_/.test(config.name)) copies.add(config.num_replicas);
  }
  const least = replicas ?? (copies.size > 0 ? Math.min(...copies) : 1);
  const found = replicas === undefined ? `at least ${least}` : `${least}, by OSHI_NATS_REPLICAS`;
  if (least > 1) return { status: 'ok', name, found };
  return {
    ...{ status: 'warning', name, found: 'a cluster keeps one copy' },
    remedy: 'set OSHI_NATS_REPLICAS to 3: otherwise the loss of one disk loses events',
  };
};
