import { clearInterval, setInterval, setTimeout } from '../runtime/timers.ts';
import type { Peers } from './peers.ts';
import { PlacementRecord, type RecordOptions } from './placement-record.ts';
import { desiredOwners } from './ranking.ts';
import { Trouble } from './trouble.ts';

const unread = 'which node runs which partition cannot be read';
const unchanged = 'which node runs which partition cannot be changed';
/** How often the stored placement is read, in ms: a message about a change may have been lost. */
const readEveryMs = 2000;
/** The pause after a failure, in ms. */
const pauseMs = 500;

export type PlacementOptions = RecordOptions & {
  readonly peers: Pick<
    Peers,
    'candidates' | 'others' | 'isAlone' | 'connectedSince' | 'isSettled' | 'isDead'
  >;
  /** This node runs a partition from now on. */
  readonly assign: (partition: number, term: number) => void;
  /** This node stops to run a partition; resolves when nothing more of it is written. */
  readonly revoke: (partition: number) => Promise<void>;
  readonly onError: (error: Error) => void;
};

/**
 * Decides with the other nodes which one runs each partition. A partition is handed over by its owner, or taken from
 * one that is dead. Routing depends on it, safety does not: an owner that was replaced and does not know it is refused
 * by the log.
 */
export class Placement {
  readonly #options: PlacementOptions;
  readonly #record: PlacementRecord;
  /** The partitions that this node runs, with their terms. */
  readonly #mine = new Map<number, number>();
  /** Those that this node is stopping to run, and perhaps handing over: it does not run them again before. */
  readonly #moving = new Set<number>();
  /** Those of them that are ready to be handed over. */
  readonly #ended = new Set<number>();
  #giving: Promise<void> = Promise.resolve();
  /** Partitions are not handed over before, except by a node that is leaving. */
  #rebalanceAfter = Number.NEGATIVE_INFINITY;
  #isOver = false;
  readonly #trouble: Trouble;
  #working: Promise<void> | undefined;
  #isOutdated = false;
  #reading: NodeJS.Timeout | undefined;

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#record = new PlacementRecord(options);
    this.#trouble = new Trouble(options.onError);
  }

  /** Takes part from now on; resolves after the first attempt to take what is free. Rejects if that cannot be read. */
  async start(): Promise<void> {
    this.#record.listen(() => {
      this.#acceptGiven();
      this.review();
    });
    await this.#read();
    this.review();
    await this.#working;
    this.#reading = setInterval(() => {
      void this.#read().then(
        () => this.review(),
        (cause: unknown) => this.#trouble.failed(unread, cause),
      );
    }, readEveryMs).unref();
  }

  /**
   * Whether this node runs a partition, and can be sure of it. While it is cut off only if there were no other nodes;
   * afterwards once it has read what others have done meanwhile.
   */
  isMine(partition: number): boolean {
    const { isAlone, connectedSince } = this.#options.peers;
    if (!this.#mine.has(partition)) return false;
    return connectedSince === undefined ? isAlone : this.#record.readAt >= connectedSince;
  }

  /** The living node that runs a partition; undefined while there is none, or it is being handed over. */
  ownerOf(partition: number): string | undefined {
    const { me, peers } = this.#options;
    const owner = this.#record.table.partitions[partition]?.owner ?? undefined;
    if (owner === undefined) return undefined;
    if (owner === me.id) return this.isMine(partition) ? owner : undefined;
    return peers.others.some(({ id }) => id === owner) ? owner : undefined;
  }

  /** Looks again at what is to be taken, handed over or given up; called when the set of nodes has changed. */
  review(): void {
    this.#isOutdated = true;
    this.#working ??= this.#work();
  }

  /** Resolves when everything has been looked at that `review` was called for. */
  async reviewed(): Promise<void> {
    await this.#working;
  }

  stop(): void {
    this.#isOver = true;
    this.#trouble.stop();
    clearInterval(this.#reading);
    this.#record.stop();
  }

  async #read(): Promise<void> {
    await this.#record.read();
    this.#trouble.succeeded(unread);
  }

  async #work(): Promise<void> {
    while (this.#isOutdated && !this.#isOver) {
      this.#isOutdated = false;
      await this.#reconcile().catch(async (cause: unknown) => {
        this.#trouble.failed(unchanged, cause);
        await new Promise<void>((resolve) => setTimeout(resolve, pauseMs).unref());
      });
    }
    this.#working = undefined;
  }

  async #reconcile(): Promise<void> {
    const { connectedSince } = this.#options.peers;
    if (connectedSince !== undefined && this.#record.readAt < connectedSince) await this.#read();
    await this.#giveUpLost();
    this.#acceptGiven();
    if (connectedSince === undefined) return;
    const desired = this.#desired();
    await this.#take(desired);
    await this.#handOver(desired);
    this.#trouble.succeeded(unchanged);
  }

  #desired(): string[] {
    return desiredOwners(this.#options.peers.candidates, this.#options.partitions);
  }

  /** Stops what another node runs by now. */
  async #giveUpLost(): Promise<void> {
    const { me } = this.#options;
    const lost = [...this.#mine].filter(([partition, term]) => {
      const placed = this.#record.table.partitions[partition];
      return placed?.owner !== me.id || placed.term !== term;
    });
    await Promise.all(lost.map(([partition]) => this.#end(partition)));
  }

  /** Starts what was handed over to this node. */
  #acceptGiven(): void {
    const { me } = this.#options;
    for (const [partition, { owner, term }] of this.#record.table.partitions.entries()) {
      const isRun = this.#mine.has(partition) || this.#moving.has(partition);
      if (owner === me.id && !isRun) this.#assign(partition, term);
    }
  }

  #assign(partition: number, term: number): void {
    const { assign, onChange } = this.#options;
    this.#mine.set(partition, term);
    assign(partition, term);
    onChange();
  }

  /** Takes the partitions that this node should run and no living one does. */
  async #take(desired: readonly string[]): Promise<void> {
    const { me, peers } = this.#options;
    await this.#record.change(({ partitions, nodes }) =>
      partitions.map(({ owner, term }, partition) => {
        const isFree = owner === null || peers.isDead(owner, nodes[owner]);
        return isFree && desired[partition] === me.id
          ? { owner: me.id, term: term + 1 }
          : undefined;
      }),
    );
    this.#acceptGiven();
  }

  /**
   * Hands the partitions over that another node should run; without one, they become free. Nodes that do not agree on who
   * is alive would hand them back and forth, so only a node that is leaving does it immediately.
   */
  async #handOver(desired: readonly string[]): Promise<void> {
    const { me, peers, now } = this.#options;
    const isLeaving = !peers.candidates.includes(me.id);
    if (!isLeaving && (!peers.isSettled || now() < this.#rebalanceAfter)) return;
    this.#rebalanceAfter = now() + readEveryMs;
    const given = [...this.#mine.keys()].filter((partition) => desired[partition] !== me.id);
    await Promise.all(given.map((partition) => this.#end(partition, () => this.#give(partition))));
  }

  /** Stops to run a partition, and does something before it may run it again. */
  async #end(partition: number, then?: () => Promise<void>): Promise<void> {
    const { revoke, onChange } = this.#options;
    this.#mine.delete(partition);
    this.#moving.add(partition);
    onChange();
    try {
      await revoke(partition);
      await then?.();
    } finally {
      this.#moving.delete(partition);
      this.review();
    }
  }

  /** Gives a partition to its next owner, in one change with others that are ready at the same moment. */
  #give(partition: number): Promise<void> {
    this.#ended.add(partition);
    const giving = this.#giving.then(() => this.#giveEnded());
    this.#giving = giving.catch(() => undefined);
    return giving;
  }

  async #giveEnded(): Promise<void> {
    const { me } = this.#options;
    const given = [...this.#ended];
    this.#ended.clear();
    const desired = this.#desired();
    await this.#record.change(({ partitions }) =>
      partitions.map(({ owner, term }, at) =>
        given.includes(at) && owner === me.id
          ? { owner: desired[at] ?? null, term: term + 1 }
          : undefined,
      ),
    );
  }
}
