// Gives each stream of Oshi three replicas, which it creates with one. Repeating it changes nothing. `nats kv edit` must
// not be used for this: it also lets replicas that lag behind answer reads, which the lease of Oshi excludes.
//   NATS_URL=nats-1:4222 NATS_PASSWORD=… node replicas.js
import { env, stdout } from 'node:process';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

const nc = await connect({ servers: env.NATS_URL, user: 'oshi', pass: env.NATS_PASSWORD });
const { streams } = await jetstreamManager(nc);
for await (const { config } of streams.list()) {
  if (!/^(KV_)?OSHI_/.test(config.name)) continue;
  await streams.update(config.name, { num_replicas: 3 });
  stdout.write(`${config.name} has three replicas\n`);
}
await nc.close();
