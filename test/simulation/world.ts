import { uuid7 } from '../../src/events/ids.ts';
import { Device } from './device.ts';
import { Ledger, type Violation } from './ledger.ts';
import { fairWeather, Network } from './link.ts';
import { Node } from './node.ts';
import type { Past } from './past.ts';
import { Servers } from './ports.ts';
import type { Schedule } from './schedule.ts';
import { Process, VirtualMachine } from './virtual-machine.ts';

/** The first people have two. */
const devices = 5;
const restartMsMax = 1500;

/** Everything that takes part in a schedule. */
export class World {
  readonly machine: VirtualMachine;
  readonly network: Network;
  readonly servers: Servers;
  readonly ledger: Ledger;
  readonly past: Past;
  /** One for each node that there should be. */
  readonly nodes: Node[] = [];
  readonly devices: Device[] = [];
  /** What happens by itself: restarts, the end of disturbances. */
  readonly outside = new Process('operator');
  /** What was refused, and may therefore not have been performed: the check for it. */
  readonly refused: { readonly what: string; readonly isPerformed: () => boolean }[] = [];
  /** Messages of accepted posts, by person and stream. */
  readonly accepted: { readonly user: string; readonly s: string; readonly id: string }[] = [];
  readonly errors: string[] = [];
  violation: Violation | undefined;
  isCalm = false;
  #started = 0;

  private constructor(past: Past, seed: number) {
    this.past = past;
    this.machine = new VirtualMachine(seed);
    this.network = new Network(this.machine, new Process('servers'));
    this.servers = new Servers(this.network, past.partitions);
    this.ledger = new Ledger((violation) => this.fail(violation));
  }

  /** A world in which all nodes are to start and all clients to connect. */
  static async open(past: Past, { seed, nodes }: Pick<Schedule, 'seed' | 'nodes'>): Promise<World> {
    const world = new World(past, seed);
    world.machine.reset(() => uuid7(0));
    for (const { aggregate, events } of past.commits) world.servers.log.record(aggregate, events);
    await world.ledger.follow(world.servers.log);
    for (let slot = 0; slot < nodes; slot++) world.#start(slot);
    for (let index = 0; index < devices; index++) world.#join(index);
    return world;
  }

  fail(violation: Violation): void {
    this.violation ??= violation;
  }

  /** A node that accepts connections, by chance. */
  someNode(): Node | undefined {
    const up = this.nodes.filter(({ isUp }) => isUp);
    return up.length > 0 ? this.machine.chance.pick(up) : undefined;
  }

  /** Ends all disturbances, for good. */
  calm(): void {
    this.isCalm = true;
    this.network.weather = { ...fairWeather };
    for (const { links, process } of this.nodes) {
      links.nats.isCut = false;
      links.mongodb.isCut = false;
      process.wallAhead = 0;
    }
    for (const device of this.devices) device.wire?.setReading(true);
  }

  close(): void {
    this.machine.end();
  }

  #start(slot: number): void {
    const node = new Node(this.servers, `node ${++this.#started}`);
    this.nodes[slot] = node;
    node.onEnd = () => {
      for (const device of this.devices) if (device.node === node) device.wire?.lose();
      this.errors.push(...node.errors.map((error) => `${node.name}: ${error}`));
      const wait = this.machine.chance.next() * restartMsMax;
      this.machine.after(wait, this.outside, () => this.#start(slot));
    };
    node.start();
  }

  #join(index: number): void {
    const { people, circles } = this.past;
    const person = people[index % people.length];
    if (!person) throw new RangeError(`no person ${index}`);
    const device = new Device({
      ...{ network: this.network, ledger: this.ledger, person },
      name: `${person.name} ${Math.floor(index / people.length) + 1}`,
      chooseNode: () => this.someNode(),
      onViolation: (violation) => this.fail(violation),
    });
    this.devices.push(device);
    device.subscribe('me');
    for (const circle of circles) device.subscribe(`${circle}/${circle}`);
    const [first] = circles;
    if (first) device.subscribe(first);
    device.connect();
  }
}
