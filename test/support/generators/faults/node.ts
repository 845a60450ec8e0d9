import { kill } from 'node:process';
import type { TcpProxy } from '../../doubles/tcp-proxy.ts';
import { call } from '../../fixtures/server-people.ts';
import { type Environment, type OshiServer, startOshi } from '../../fixtures/server-process.ts';

/** The servers behind Oshi. */
export type Which = 'nats' | 'mongod';
/** What happens to a link. */
export type Disturbance = 'cut' | 'half-open' | 'slow';

export type FaultNodeOptions = {
  readonly url: string;
  readonly env: Environment;
  readonly links: Readonly<Record<Which, TcpProxy>>;
};

const slowMs = 300;

/** One process of Oshi, with links of its own to the servers behind it. */
export class FaultNode {
  readonly url: string;
  readonly env: Environment;
  readonly #links: FaultNodeOptions['links'];
  #oshi: OshiServer | undefined;
  readonly #runs: OshiServer[] = [];
  #backAt = Number.POSITIVE_INFINITY;
  #state: 'up' | 'leaving' | 'left' | 'killed' | 'suspended' = 'left';
  #isCutOff = false;

  constructor({ url, env, links }: FaultNodeOptions) {
    this.url = url;
    this.env = env;
    this.#links = links;
  }

  get pid(): number | undefined {
    return this.#oshi?.pid;
  }

  /** Since when it has been running, on the monotonic clock, in ms; infinite while it is not. */
  get backAt(): number {
    return this.#backAt;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** Whether it was not ended in order, so that connections are lost without a word. */
  get isLost(): boolean {
    return this.#state === 'killed' || this.#state === 'suspended';
  }

  /** Whether it can run partitions: it runs, and reaches NATS. */
  get isServing(): boolean {
    return Number.isFinite(this.#backAt) && !this.#isCutOff;
  }

  /** Why it is not ready, if it is not. */
  async unready(): Promise<string | undefined> {
    const answer = await call(this.url, 'GET /readyz').catch(String);
    if (typeof answer === 'string') return answer;
    return answer.status === 200 ? undefined : answer.text;
  }

  /** Resolves when it listens. */
  async start(): Promise<void> {
    this.#oshi = await startOshi(this.env);
    this.#runs.push(this.#oshi);
    this.#back();
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#state = 'leaving';
    const ending = await this.#oshi?.stop();
    this.#away('left');
    if (ending?.code) throw new Error(`a node ended with ${ending.code}: ${ending.stderr}`);
  }

  async kill(): Promise<void> {
    this.#away('killed');
    await this.#oshi?.kill();
  }

  suspend(): void {
    this.#away('suspended');
    if (this.pid !== undefined) kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    if (this.pid !== undefined) kill(this.pid, 'SIGCONT');
    this.#back();
  }

  disturb(which: Which, how: Disturbance): void {
    const link = this.#links[which];
    if (how === 'slow') {
      link.delay(slowMs);
      return;
    }
    if (which === 'nats') this.#isCutOff = true;
    if (how === 'cut') {
      link.refuse(true);
      link.cut();
    } else {
      link.swallowRequests();
      link.swallowReplies();
    }
  }

  repair(which: Which, how: Disturbance): void {
    const link = this.#links[which];
    link.delay(0);
    link.refuse(false);
    if (how === 'half-open') link.cut();
    if (which === 'nats') this.#isCutOff = false;
  }

  async close(): Promise<void> {
    await this.kill();
    for (const link of Object.values(this.#links)) await link.close();
  }

  /** What it has logged of requests that failed for another reason than an outage. */
  failures(): string[] {
    const logged = this.#runs.flatMap((run) => run.stderr().split('\n'));
    return logged.filter((line) => line.includes('a request failed'));
  }

  #back(): void {
    this.#state = 'up';
    this.#backAt = performance.now();
  }

  #away(state: 'left' | 'killed' | 'suspended'): void {
    this.#state = state;
    this.#backAt = Number.POSITIVE_INFINITY;
  }
}

/** Leads to one node after the other, as a load balancer does that remembers nobody and leaves out what is away. */
export class Door {
  readonly #nodes: readonly FaultNode[];
  #at: number;

  constructor(nodes: readonly FaultNode[], at = 0) {
    this.#nodes = nodes;
    this.#at = at;
  }

  next(): FaultNode {
    const turned = this.#nodes.map(
      (_, index) => this.#nodes[(this.#at + index) % this.#nodes.length],
    );
    const node = turned.find((each) => Number.isFinite(each?.backAt)) ?? turned[0];
    if (!node) throw new RangeError('there are no nodes');
    this.#at = this.#nodes.indexOf(node) + 1;
    return node;
  }
}
