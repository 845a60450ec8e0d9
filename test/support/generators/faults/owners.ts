import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { connectNats } from '../../../../src/engine/cluster/nats-connection.ts';
import { openNatsNodes } from '../../../../src/engine/cluster/nats-nodes.ts';
import type { Nodes } from '../../../../src/engine/nodes.ts';
import type { FaultNode } from './node.ts';

const lookEveryMs = 50;

/** Which node runs which partition, as it is stored, and for how long none did. */
export class Owners {
  /** The longest time in which a partition had no node that could run it, in ms; the test sets it back. */
  longestMs = 0;
  readonly #nc: NatsConnection;
  readonly #placement: Nodes['placement'];
  readonly #nodes: readonly FaultNode[];
  /** Since when a partition has had none. */
  readonly #since = new Map<number, number>();
  /** By partition; undefined: none that can run it. */
  #runners: readonly (FaultNode | undefined)[] = [];
  #isClosed = false;

  private constructor(nc: NatsConnection, { placement }: Nodes, nodes: readonly FaultNode[]) {
    this.#nc = nc;
    this.#placement = placement;
    this.#nodes = nodes;
    void this.#watch();
  }

  static async open(url: string, nodes: readonly FaultNode[]): Promise<Owners> {
    const { nc } = await connectNats(url);
    return new Owners(nc, await openNatsNodes(nc, { onError: () => undefined }), nodes);
  }

  /** The node that runs each partition. */
  get runners(): readonly (FaultNode | undefined)[] {
    return this.#runners;
  }

  /** Whether every partition is run, and every node that serves runs about as many. */
  get areShared(): boolean {
    const serving = this.#nodes.filter(({ isServing }) => isServing);
    const least = Math.floor(this.#runners.length / serving.length);
    return (
      this.areComplete &&
      serving.every((node) => this.#runners.filter((runner) => runner === node).length >= least - 1)
    );
  }

  get areComplete(): boolean {
    return this.#runners.length > 0 && !this.#runners.includes(undefined);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#nc.close();
  }

  async #watch(): Promise<void> {
    while (!this.#isClosed) {
      await this.#look().catch(() => this.#since.clear());
      await sleep(lookEveryMs);
    }
  }

  async #look(): Promise<void> {
    const { table } = await this.#placement.read();
    const now = performance.now();
    this.#runners = (table?.partitions ?? []).map(({ owner }, partition) => {
      const pid = table?.nodes[owner ?? '']?.pid;
      const runner = this.#nodes.find((node) => node.isServing && node.pid === pid);
      const since = this.#since.get(partition) ?? now;
      if (runner) this.#since.delete(partition);
      else this.#since.set(partition, since);
      this.longestMs = Math.max(this.longestMs, now - since);
      return runner;
    });
  }
}
