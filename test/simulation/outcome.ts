import { collectionOf } from '../../src/projections/projection.ts';
import { builtIn } from '../../src/projections/read-models.ts';
import { startRunner } from '../../src/projections/runner/runner.ts';
import { memoryStore } from '../contract/doubles/memory-store.ts';
import { act } from './acting.ts';
import type { Device } from './device.ts';
import { Violation } from './ledger.ts';
import type { Past } from './past.ts';
import { isFault, type Schedule } from './schedule.ts';
import { World } from './world.ts';

/** What a schedule has led to. */
export type Outcome = {
  readonly violation: Violation | undefined;
  /** How many things happened, and in how much virtual time, in ms. */
  readonly steps: number;
  readonly ms: number;
  /** The same for two runs that are the same. */
  readonly trace: number;
  readonly accepted: number;
  /** Errors that the nodes have reported. */
  readonly errors: readonly string[];
};

const startMsMax = 30_000;
/** A client that is silent counts as gone 35 s later. */
const recoverMsMax = 60_000;
const rebuildMsMax = 60_000;

/** What keeps a device from being up to date; undefined: nothing. */
const lagOf = ({ ledger, past }: World, device: Device): string | undefined => {
  const { name, person, subscriptions } = device;
  if (device.isGone) return undefined;
  if (!device.isConnected) return `${name} is not connected`;
  if (device.unanswered > 0) return `${name} has ${device.unanswered} requests without an answer`;
  const wanted = past.circles
    .filter((circle) => ledger.isMember(circle, person.user))
    .map((circle) => `${circle}/${circle}`);
  const missing = wanted.find((s) => !subscriptions.has(s));
  if (missing) {
    device.subscribe(missing);
    return `${name} does not receive ${missing}`;
  }
  for (const [s, { last, isLive }] of subscriptions) {
    const length = ledger.lengthOf(s === 'me' ? `me of ${person.user}` : s);
    if (!isLive || last !== length) return `${name} has ${last} of ${length} events of ${s}`;
  }
  return undefined;
};

const presenceLag = (world: World): string | undefined => {
  for (const circle of world.past.circles) {
    const expected = world.past.people
      .filter((person) => world.ledger.isMember(circle, person.user))
      .filter((person) => world.devices.some((each) => each.person === person && !each.isGone))
      .map(({ user }) => user)
      .toSorted()
      .join();
    for (const { name, serving } of world.nodes) {
      const shown = serving?.service.live
        .presenceOf(circle as never)
        .online.toSorted()
        .join();
      if (shown !== expected)
        return `on ${name}, ${shown} are online in ${circle}, not ${expected}`;
    }
  }
  return undefined;
};

/** Circles tell users who join or leave them. */
const reactionsLag = ({ past, ledger }: World): string | undefined => {
  for (const { name, user } of past.people) {
    const circle = past.circles.find(
      (each) => ledger.isMember(each, user) !== ledger.isRecordedAsMember(each, user),
    );
    if (circle) return `${name} was not told of joining or leaving ${circle}`;
  }
  return undefined;
};

const modelsLag = async (world: World): Promise<string | undefined> => {
  const { log, store } = world.servers;
  for (let partition = 0; partition < log.info.partitions; partition++) {
    const head = await log.head(partition);
    for (const projection of builtIn) {
      const applied = await store.checkpoint(collectionOf(projection), partition);
      if (applied !== head) return `${projection.name} is at ${applied} of ${head} in ${partition}`;
    }
  }
  return undefined;
};

const lagsOf = async (world: World): Promise<string | undefined> => {
  const down = world.nodes.find(({ isUp }) => !isUp);
  if (down) return `${down.name} is not up: ${down.errors.at(-1)}`;
  for (const device of world.devices) {
    const lag = lagOf(world, device);
    if (lag) return lag;
  }
  return (await modelsLag(world)) ?? reactionsLag(world) ?? presenceLag(world);
};

type Contents = Readonly<Record<string, object>>;

/** The first document that differs; undefined: none does. */
const differenceOf = (found: Contents, expected: Contents): string | undefined => {
  for (const id of Object.keys({ ...found, ...expected })) {
    const [one, other] = [JSON.stringify(found[id]), JSON.stringify(expected[id])];
    if (one !== other) return `${one} instead of ${other}`;
  }
  return undefined;
};

/** The read models are those that the log gives. */
const checkModels = async (world: World): Promise<void> => {
  const { log, store } = world.servers;
  const rebuilt = memoryStore();
  const rebuilding = (async () => {
    const runner = await startRunner({ log, store: rebuilt, projections: builtIn, collectMs: 0 });
    await runner.caughtUp();
    await runner.stop();
  })();
  let isDone = false;
  const done = rebuilding.finally(() => {
    isDone = true;
  });
  await world.machine.runUntil(() => isDone, rebuildMsMax);
  await done;
  for (const projection of builtIn) {
    const name = collectionOf(projection);
    const difference = differenceOf(store.contents(name), rebuilt.contents(name));
    if (difference)
      throw new Violation('read models are what the log gives', `${name}: ${difference}`);
  }
};

const checkRefused = ({ refused }: World): void => {
  const performed = refused.find(({ isPerformed }) => isPerformed());
  if (performed) throw new Violation('what is refused is not performed', performed.what);
};

const play = async (world: World, { failures, actions }: Schedule): Promise<void> => {
  const { machine } = world;
  const isOver = (): boolean => world.violation !== undefined;
  const isReady = (): boolean =>
    isOver() ||
    (world.nodes.every(({ isUp }) => isUp) && world.devices.every((d) => d.isConnected));
  if (!(await machine.runUntil(isReady, startMsMax)))
    throw new Violation('nodes start', world.nodes.flatMap(({ errors }) => errors).join());
  const start = machine.now;
  world.network.weather.failures = failures;
  for (const action of actions) {
    await machine.runUntil(isOver, start + action.at - machine.now);
    if (isOver()) return;
    act(world, action);
  }
  const last = Math.max(0, ...actions.filter(isFault).map(({ at, ms }) => at + ms));
  await machine.runUntil(isOver, start + Math.min(last, actionsMsMax) - machine.now);
  world.calm();
  let lag: string | undefined = 'nothing was looked at';
  const until = machine.now + recoverMsMax;
  while (lag && machine.now < until && !isOver()) {
    await machine.runUntil(isOver, lookEveryMs);
    lag = await lagsOf(world);
  }
  if (isOver()) return;
  if (lag) throw new Violation('everything recovers', lag);
  checkRefused(world);
  await checkModels(world);
};

const actionsMsMax = 15_000;
const lookEveryMs = 250;

/** Plays a schedule, and checks everything that is promised. */
export const outcomeOf = async (past: Past, schedule: Schedule): Promise<Outcome> => {
  const world = await World.open(past, schedule);
  try {
    await play(world, schedule).catch((error: unknown) => {
      if (!(error instanceof Violation)) throw error;
      world.fail(error);
    });
    const { machine, violation, accepted, nodes } = world;
    const errors = [...world.errors, ...nodes.flatMap((node) => node.errors)];
    const { steps, now: ms, trace } = machine;
    return { violation, steps, ms, trace, accepted: accepted.length, errors };
  } finally {
    world.close();
  }
};
