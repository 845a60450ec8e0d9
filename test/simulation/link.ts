import type { Process, VirtualMachine } from './virtual-machine.ts';

/** How reliable everything between the processes is. */
export type Weather = {
  /** Of calls to a server, how many have no answer, although some of them are performed, then or later. */
  failures: number;
  /** Of messages between nodes, how many are lost. */
  losses: number;
  /** Of messages of all kinds, how many take long. */
  delays: number;
};

export const fairWeather: Weather = { failures: 0, losses: 0, delays: 0.02 };

const shortMs = 2;
const longMs = 400;

/** What the simulation shares: the machine, and how reliable the connections are. */
export class Network {
  readonly machine: VirtualMachine;
  /** The servers, which never fail: only the connections to them do. */
  readonly servers: Process;
  weather: Weather = { ...fairWeather };

  constructor(machine: VirtualMachine, servers: Process) {
    this.machine = machine;
    this.servers = servers;
  }

  /** How long something is under way, in ms. */
  delay(): number {
    const { chance } = this.machine;
    const isLong = chance.next() < this.weather.delays;
    return chance.next() * (isLong ? longMs : shortMs);
  }

  happens(rate: number): boolean {
    return rate > 0 && this.machine.chance.next() < rate;
  }
}

/** Carries messages in their order. */
export class Channel {
  readonly #network: Network;
  #lastAt = 0;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Lets everything that is sent later arrive no earlier than in so many ms. */
  hold(ms: number): void {
    this.#lastAt = Math.max(this.#lastAt, this.#network.machine.now + ms);
  }

  /** Runs something in a process when it has arrived there. */
  send(to: Process, arrive: () => void): void {
    const { machine } = this.#network;
    this.#lastAt = Math.max(this.#lastAt, machine.now + this.#network.delay());
    machine.after(this.#lastAt - machine.now, to, arrive);
  }
}

const failureMs = 2000;
/** How much later than it seems a call may be performed, in ms. */
const lateMs = 3000;
/** Of calls, how many are performed and answered in the same moment. */
const directRate = 0.6;

/** The connection of a process to a server, which may be cut. */
export class Link {
  readonly network: Network;
  readonly process: Process;
  readonly #isBack = new Set<() => void>();
  #isCut = false;
  /** Whether a call has failed since it was cut. */
  isNoticed = false;

  constructor(network: Network, process: Process) {
    this.network = network;
    this.process = process;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    if (isCut) return;
    this.isNoticed = false;
    for (const run of this.#isBack) run();
  }

  /** Calls something whenever the connection is back. */
  whenBack(run: () => void): () => void {
    this.#isBack.add(run);
    return () => void this.#isBack.delete(run);
  }

  /**
   * Performs a call at the server, and resolves with the result. Rejects with `failure` if the connection is cut or the
   * call fails; `isPerformed` tells whether it may have been performed. Calls on one channel are performed in their order.
   */
  call<T>(
    run: () => Promise<T>,
    failure: (isPerformed: boolean) => Error,
    ordered?: Channel,
  ): Promise<T> {
    const { network, process } = this;
    const { machine, weather } = network;
    // What is performed and answered in the same moment takes half the time to simulate.
    const isDirect = ordered === undefined && network.happens(directRate);
    const channel = ordered ?? new Channel(network);
    return new Promise((resolve, reject) => {
      const fail = (isPerformed: boolean): void => {
        const wait = machine.chance.next() * failureMs;
        machine.after(wait, process, () => {
          this.isNoticed = this.#isCut;
          reject(failure(isPerformed));
        });
      };
      if (this.#isCut) return fail(false);
      const answer = (settle: () => void): void => {
        if (isDirect) settle();
        else machine.after(network.delay(), process, () => (this.#isCut ? fail(true) : settle()));
      };
      channel.send(isDirect ? process : network.servers, () => {
        const isLost = network.happens(weather.failures);
        if (isLost) {
          fail(true);
          const fate = machine.chance.pick(['lost', 'performed', 'late'] as const);
          const late = fate === 'late' ? machine.chance.next() * lateMs : 0;
          const perform = (): void => void run().catch(() => undefined);
          channel.hold(late);
          if (fate !== 'lost') machine.after(late, network.servers, perform);
        } else if (this.#isCut) {
          fail(true);
        } else {
          run().then(
            (value) => answer(() => resolve(value)),
            (error) => answer(() => reject(error)),
          );
        }
      });
    });
  }
}
