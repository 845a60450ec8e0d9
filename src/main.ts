import type { Server } from 'node:http';
import { type Core, openActors } from './composition/core.ts';
import { openModels, type StartOptions } from './composition/models.ts';
import type { Config } from './config.ts';
import { attach, loadAllAttached } from './hosting/attachments.ts';
import { acquiring } from './runtime/resources.ts';

/** A running server. */
export type Running = {
  /** Where it listens. */
  readonly url: string;
  readonly engine: 'embedded' | 'cluster';
  /** The progress of read models that cannot be read yet; undefined once all can. */
  readonly building: Core['building'];
  /** Stops it: no new work, `bye` to every connection, what is in flight is finished, all is flushed. */
  close(): Promise<void>;
};

/**
 * Starts a server: engine, projections, actors, hub, HTTP. Rejects with one line that says what to do if a part cannot
 * be had, and has released then what it had acquired.
 */
export const start = (options: StartOptions): Promise<Running> =>
  acquiring(async (resources) => {
    const { config, say, logger } = options;
    const core = await openActors(await openModels(options, resources), options, resources);
    // Loaded only now, so that data that cannot be served is refused quickly.
    const { openEdge } = await import('./composition/edge.ts');
    const app = await openEdge(core, options, resources);
    const { engine, log, now } = core;
    const attached = await loadAllAttached(config.projections);
    const attaching = () =>
      attach(attached, {
        log,
        store: engine.store,
        say,
        now,
        onError: (error) => logger.debug({ err: error }, error.message),
      });
    if (engine.nodes) core.leader.add(async () => (await attaching()).stop);
    else resources.add(await attaching(), (attachments) => attachments.stop());
    const url = await listen(app, config);
    return {
      url,
      engine: engine.name,
      building: core.building,
      async close() {
        // The other nodes take over what this one runs before its clients are sent to them.
        if (core.membership.nodes().length > 1) await core.membership.leave();
        await resources.release();
      },
    };
  });

/** Listens, and says in one line why that cannot be. */
const listen = async (
  app: { listen(options: object): Promise<string>; readonly server: Server },
  { host, port }: Config,
): Promise<string> => {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    const { code } = cause as { code?: string };
    const advice: Record<string, string> = {
      EADDRINUSE: `port ${port} of ${host} is in use; end what uses it, or set OSHI_PORT (0: any free one)`,
      EACCES: `port ${port} may not be used by this user; set OSHI_PORT to one above 1023`,
      EADDRNOTAVAIL: `${host} is no address of this machine; set OSHI_HOST to one that is`,
      ENOTFOUND: `${host} is not known; set OSHI_HOST to an address of this machine`,
    };
    throw new Error(advice[code ?? ''] ?? `cannot listen on ${host}:${port}: ${code}`, { cause });
  }
};
