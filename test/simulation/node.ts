import type { Logger } from 'pino';
import { openActors } from '../../src/composition/core.ts';
import { openModels } from '../../src/composition/models.ts';
import { openService } from '../../src/composition/service.ts';
import { configOf } from '../../src/config.ts';
import { accepting, type Upgraded } from '../../src/http/socket/accepting.ts';
import { acquiring } from '../../src/runtime/resources.ts';
import { Link } from './link.ts';
import { engineAt, type Links, type Servers } from './ports.ts';
import { Process } from './virtual-machine.ts';

export type Service = Awaited<ReturnType<typeof openService>>;

type Serving = {
  readonly service: Service;
  /** Handles a request that came in over HTTP; a node that stops finishes it first. */
  readonly handle: (request: (service: Service) => Promise<void>) => Promise<void>;
  readonly accept: (upgraded: Upgraded) => void;
  readonly leave: () => Promise<void>;
  readonly release: () => Promise<void>;
};

const config = configOf({
  OSHI_CHECKPOINT_MINUTES: '0',
  OSHI_RATE_LIMITS: 'off',
  OSHI_DISK_RESERVE: '0',
});

const drainSpreadMs = 5000;
const drainWaitMs = 3000;

/** One run of a node's program, from its start to its end. */
export class Node {
  readonly name: string;
  readonly process: Process;
  readonly links: Links;
  readonly errors: string[] = [];
  /** Called when it ends, for whatever reason. */
  onEnd: () => void = () => undefined;
  isDraining = false;
  #serving: Serving | undefined;
  readonly #servers: Servers;

  constructor(servers: Servers, name: string) {
    this.name = name;
    this.#servers = servers;
    this.process = new Process(name);
    const { network } = servers;
    this.links = {
      nats: new Link(network, this.process),
      mongodb: new Link(network, this.process),
    };
  }

  get serving(): Serving | undefined {
    return this.#serving;
  }

  get isUp(): boolean {
    return this.#serving !== undefined && !this.process.isDead && !this.isDraining;
  }

  start(): void {
    const opened = (serving: Serving): void => {
      this.#serving = serving;
    };
    this.#run(() => this.#open().then(opened), 'start');
  }

  /** Ends it at once: nothing that it has not sent is ever sent. */
  kill(): void {
    if (this.process.isDead) return;
    this.process.isDead = true;
    const { listeners, responders } = this.#servers;
    for (const listener of listeners) {
      if (listener.link === this.links.nats) listeners.delete(listener);
    }
    for (const [name, { link }] of responders) {
      if (link === this.links.nats) responders.delete(name);
    }
    this.onEnd();
  }

  /** Stops it in order, as a signal does. */
  drain(): void {
    const serving = this.#serving;
    if (!serving || this.isDraining) return;
    this.isDraining = true;
    const stop = async (): Promise<void> => {
      await serving.leave();
      await serving.release();
      this.kill();
    };
    this.#run(stop, 'stop');
  }

  /** Does something in the process, which ends if that fails. */
  #run(run: () => Promise<void>, what: string): void {
    this.#servers.network.machine.after(0, this.process, () => {
      run().catch((error: Error) => {
        this.errors.push(`does not ${what}: ${error.stack}`);
        this.kill();
      });
    });
  }

  #open(): Promise<Serving> {
    const { machine } = this.#servers.network;
    const onError = (error: unknown): void => void this.errors.push(String(error));
    const quiet = (): void => undefined;
    const logger = {
      error: ({ err }: { err: Error }) => onError(err),
      ...{ warn: quiet, info: quiet, debug: quiet },
    } as unknown as Logger;
    const options = {
      ...{ config, logger, say: quiet },
      now: () => machine.wallClock(this.process),
      monotonic: () => machine.now,
      openEngine: async () => engineAt(this.#servers, this.links),
    };
    return acquiring(async (resources) => {
      const core = await openActors(await openModels(options, resources), options, resources);
      const service = await openService(core, options, resources);
      const { connections } = service;
      const handled = new Set<Promise<void>>();
      resources.add(service, async () => {
        connections.drain(drainSpreadMs);
        await connections.gone(drainWaitMs);
        await Promise.allSettled(handled);
      });
      return {
        service,
        handle(request) {
          const handling = request(service).finally(() => handled.delete(handling));
          handled.add(handling);
          return handling;
        },
        accept: accepting(service),
        leave: async () => {
          if (core.membership.nodes().length > 1) await core.membership.leave();
        },
        release: () => resources.release(),
      };
    });
  }
}
