import type { Bus, NodeInfo } from '../engine/nodes.ts';
import { isProcessAlive } from '../runtime/processes.ts';
import { clearInterval, setInterval } from '../runtime/timers.ts';

/** How often a node reports that it is alive, in ms. */
const beatEveryMs = 1000;
/** A node that was silent for so long counts as dead, in ms. */
const silentMsMax = 5000;
/** A node that has not received its own reports for so long stops answering, since others may replace it soon, in ms. */
const deafMsMax = 3000;

const topic = 'beat';

type Beat = {
  readonly node: NodeInfo;
  /** It hands over its partitions, and takes none. */
  readonly isLeaving: boolean;
  /** Sent at the start: the others report immediately. */
  readonly isNew?: true;
  /** It has ended. */
  readonly isOver?: true;
};

type Peer = { readonly node: NodeInfo; isLeaving: boolean; heardAt: number };

export type PeersOptions = {
  readonly bus: Bus;
  readonly me: NodeInfo;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** Called when a node has appeared, is leaving, or counts as dead. */
  readonly onChange: () => void;
};

/**
 * The nodes that are alive. Each reports so every second over the bus, itself included: a node that does not receive
 * its own reports is cut off, or was suspended, and judges no other. Reports are not stored, so that a full disk ends no
 * node.
 */
export class Peers {
  readonly #options: PeersOptions;
  readonly #peers = new Map<string, Peer>();
  #isLeaving = false;
  #heardMyselfAt: number;
  #connectedSince: number;
  #changedAt: number;
  /** When the last of the others was removed. */
  #aloneSince: number;
  #beating: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(options: PeersOptions) {
    this.#options = options;
    const now = options.now();
    this.#heardMyselfAt = now;
    this.#connectedSince = now;
    this.#changedAt = now;
    this.#aloneSince = now;
  }

  start(): void {
    const { bus } = this.#options;
    this.#unsubscribe = bus.subscribe(topic, (beat) => this.#receive(beat as Beat));
    this.#beat({ isNew: true });
    this.#beating = setInterval(() => {
      this.#beat();
      this.#judge();
    }, beatEveryMs).unref();
  }

  /** Reports that this node is leaving. */
  leave(): void {
    this.#isLeaving = true;
    this.#beat();
  }

  /** Reports that this node has ended. */
  stop(): void {
    clearInterval(this.#beating);
    this.#beat({ isOver: true });
    this.#unsubscribe();
  }

  /** The other nodes that are alive. */
  get others(): readonly NodeInfo[] {
    return [...this.#peers.values()].map(({ node }) => node);
  }

  /** How many nodes are alive, this one included. */
  get size(): number {
    return 1 + this.#peers.size;
  }

  /**
   * Whether there are no other nodes, as far as this one can know: one that was only missed since this node has received
   * its own reports may be alive, and this one cut off.
   */
  get isAlone(): boolean {
    return this.#peers.size === 0 && this.#aloneSince <= this.#heardMyselfAt;
  }

  /** The ids of the nodes that may run partitions, this one included unless it is leaving. */
  get candidates(): readonly string[] {
    const { me } = this.#options;
    const others = [...this.#peers.values()].filter(({ isLeaving }) => !isLeaving);
    return [...(this.#isLeaving ? [] : [me.id]), ...others.map(({ node }) => node.id)];
  }

  /**
   * Since when this node has received its own reports without a gap, so that the others did too, on the clock of the
   * options; undefined: it does not.
   */
  get connectedSince(): number | undefined {
    return this.#isConnected ? this.#connectedSince : undefined;
  }

  get #isConnected(): boolean {
    return this.#options.now() - this.#heardMyselfAt < deafMsMax;
  }

  /** Whether all nodes have had the time to learn which ones are alive, so that they agree. */
  get isSettled(): boolean {
    return this.#options.now() - this.#changedAt >= silentMsMax + beatEveryMs;
  }

  /** Whether a node is certainly not running any more, or was silent for so long that it stopped answering. */
  isDead(id: string, node: NodeInfo | undefined): boolean {
    const { me, now } = this.#options;
    if (id === me.id || this.#peers.has(id)) return false;
    const isNear = node?.machine !== undefined && node.machine === me.machine;
    if (isNear && !isProcessAlive(node.pid)) return true;
    // It may have started while this node was cut off.
    return this.#isConnected && now() - this.#connectedSince >= silentMsMax;
  }

  #beat(more: Partial<Beat> = {}): void {
    const { bus, me } = this.#options;
    bus.publish(topic, { node: me, isLeaving: this.#isLeaving, ...more } satisfies Beat);
  }

  #receive({ node, isLeaving, isNew, isOver }: Beat): void {
    const { me, now } = this.#options;
    if (node.id === me.id) {
      this.#hearMyself();
      return;
    }
    const known = this.#peers.get(node.id);
    if (isOver) {
      if (this.#peers.delete(node.id)) this.#changed();
      return;
    }
    this.#peers.set(node.id, { node, isLeaving, heardAt: now() });
    if (isNew) this.#beat();
    if (known?.isLeaving !== isLeaving) this.#changed();
  }

  /** After a gap, what the others sent meanwhile may have been lost: they get their whole time again. */
  #hearMyself(): void {
    const now = this.#options.now();
    const wasConnected = this.#isConnected;
    this.#heardMyselfAt = now;
    if (wasConnected) return;
    this.#connectedSince = now;
    for (const peer of this.#peers.values()) peer.heardAt = now;
    this.#changed();
  }

  #changed(): void {
    this.#changedAt = this.#options.now();
    if (this.#peers.size === 0) this.#aloneSince = this.#changedAt;
    this.#options.onChange();
  }

  /** Removes the nodes that count as dead. */
  #judge(): void {
    const { me, now } = this.#options;
    if (!this.#isConnected) return;
    let hasChanged = false;
    for (const [id, { node, heardAt }] of this.#peers) {
      const isNear = node.machine !== undefined && node.machine === me.machine;
      const isEnded = isNear && !isProcessAlive(node.pid);
      if (!isEnded && now() - heardAt < silentMsMax) continue;
      this.#peers.delete(id);
      hasChanged = true;
    }
    if (hasChanged) this.#changed();
  }
}
