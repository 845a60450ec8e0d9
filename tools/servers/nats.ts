import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type PlaceOptions, placeFor } from './place.ts';
import { type ServerProcess, startServer } from './server-process.ts';

const run = promisify(execFile);

export type NatsOptions = PlaceOptions & {
  /** Path of `nats-server`. */
  readonly program: string;
  /** More lines for the configuration file. */
  readonly extraConfig?: string;
  /** False leaves JetStream off, as a plain `nats-server` does. */
  readonly jetstream?: boolean;
};

/**
 * Starts a nats-server on 127.0.0.1 whose JetStream acknowledges only what is fsynced (from version 2.10 on;
 * older ones know no such setting).
 */
export const startNats = async (options: NatsOptions): Promise<ServerProcess> => {
  const place = await placeFor('nats', options);
  const config = join(place.dir, 'nats.conf');
  const lines = [`host: "127.0.0.1"`, `port: ${place.port}`];
  if (options.jetstream !== false) {
    const sync = (await canSync(options.program)) ? ', sync_interval: always' : '';
    lines.push(`jetstream { store_dir: ${JSON.stringify(join(place.dir, 'data'))}${sync} }`);
  }
  if (options.extraConfig) lines.push(options.extraConfig);
  await writeFile(config, `${lines.join('\n')}\n`);
  return await startServer({
    ...place,
    name: 'nats-server',
    program: options.program,
    args: ['--config', config],
    url: `nats://127.0.0.1:${place.port}`,
  });
};

const canSync = async (program: string): Promise<boolean> => {
  const { stdout } = await run(program, ['--version']);
  const [, major = 0, minor = 0] = /v(\d+)\.(\d+)/.exec(stdout)?.map(Number) ?? [];
  return major > 2 || (major === 2 && minor >= 10);
};
