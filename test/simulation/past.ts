import { createAccounts } from '../../src/actors/accounts.ts';
import { digestOf, tokenOf } from '../../src/app/sessions/tokens.ts';
import type { Aggregate } from '../../src/events/aggregate.ts';
import type { LoggedEvent } from '../../src/events/commit.ts';
import { type CircleId, type SessionId, type UserId, uuid7 } from '../../src/events/ids.ts';
import type { Person } from './device.ts';
import { Network } from './link.ts';
import { Node, type Service } from './node.ts';
import { Servers } from './ports.ts';
import { Process, VirtualMachine } from './virtual-machine.ts';

/** What every schedule starts from: people with accounts, and circles that they are in. */
export type Past = {
  readonly partitions: number;
  readonly people: readonly Person[];
  /** Circles of which everybody is a member at first. */
  readonly circles: readonly string[];
  readonly commits: readonly {
    readonly aggregate: Aggregate;
    readonly events: readonly LoggedEvent[];
  }[];
};

const partitions = 3;
const names = ['ann', 'bob', 'cleo'];
const circleNames = ['Tea', 'Coffee', 'Cocoa'];
const openMsMax = 60_000;

const id = (at: number): string => uuid7(at);

const settle = async (service: Service): Promise<Pick<Past, 'people' | 'circles'>> => {
  const { actors, engine, executor, now } = service;
  const hasher = { hash: async () => 'hash', verify: async () => true };
  const accounts = createAccounts({
    ...{ actors, vault: engine.vault, hasher },
    leastUsed: async () => undefined,
  });
  const people: Person[] = [];
  const callers = [];
  for (const name of names) {
    const user = id(now()) as UserId;
    const session = { id: id(now()) as SessionId, token: digestOf(`secret of ${name}`) };
    const asker = { client: 'here', isGone: () => false };
    const at = now();
    await accounts.register({ user, username: name, password: 'x', session, at, asker });
    people.push({ name, user, token: tokenOf(`secret of ${name}`, user) });
    callers.push({ user, session: session.id, createdAt: at, seen: [] });
  }
  const [owner, ...others] = callers;
  if (!owner) throw new Error('nobody is here');
  const circles: string[] = [];
  for (const name of circleNames) {
    const circle = id(now()) as CircleId;
    const created = { id: circle, name, visibility: 'public' };
    await executor.execute({ caller: owner, op: 'create-circle', input: created });
    for (const caller of others) {
      await executor.execute({ caller, op: 'join-circle', input: { circle } });
    }
    circles.push(circle);
  }
  return { people, circles };
};

/** Makes the past, by a node of its own. */
export const makePast = async (): Promise<Past> => {
  const machine = new VirtualMachine(1);
  try {
    const network = new Network(machine, new Process('servers'));
    const servers = new Servers(network, partitions);
    const node = new Node(servers, 'first');
    node.start();
    await machine.runUntil(() => node.isUp, openMsMax);
    const service = node.serving?.service;
    if (!service) throw new Error(`the first node does not start: ${node.errors.join()}`);
    let made: Pick<Past, 'people' | 'circles'> | undefined;
    let failure: unknown;
    machine.after(0, node.process, () => {
      settle(service).then(
        (past) => {
          made = past;
        },
        (error) => {
          failure = error;
        },
      );
    });
    await machine.runUntil(() => made !== undefined || failure !== undefined, openMsMax);
    if (!made) throw failure ?? new Error('the past takes too long');
    const commits: Past['commits'][number][] = [];
    for (let partition = 0; partition < partitions; partition++) {
      for await (const batch of servers.log.scan(partition)) {
        for (const { aggregate, commit } of batch)
          commits.push({ aggregate, events: commit.events });
      }
    }
    return { partitions, ...made, commits };
  } finally {
    machine.end();
  }
};
