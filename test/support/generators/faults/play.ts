import { setTimeout as sleep } from 'node:timers/promises';
import { RawFollower } from '../../checkers/raw-follower.ts';
import { until } from '../../checkers/waiting.ts';
import type { Person } from '../../fixtures/server-people.ts';
import { TestSocket } from '../../fixtures/server-socket.ts';
import type { Chance } from '../chance.ts';
import { compare } from './compare.ts';
import { found, type People } from './found.ts';
import type { Fault } from './kinds.ts';
import { Door } from './node.ts';
import { comeAndGo, readHistory, talkByHttp, talkBySocket } from './people.ts';
import type { FaultStage } from './stage.ts';
import { newWatch, type Talk, timed } from './talk.ts';

/** What was seen of one fault; durations in ms. */
export type Seen = {
  readonly fault: string;
  readonly lastedMs: number;
  readonly posts: number;
  /** The longest time in which one circle had no post. */
  readonly silenceMs: number;
  /** The longest time in which one of those who follow heard nothing. */
  readonly deafMs: number;
  /** The longest time in which no node could run a partition. */
  readonly unownedMs: number;
  readonly slowestMs: number;
  readonly late: number;
  /** Commands, and reads, that were `unavailable`. */
  readonly refused: number;
  readonly unreadable: number;
  readonly closes: readonly number[];
  /** From the end of the fault until everything works. */
  readonly recoveryMs: number;
};

export type PlayOptions = {
  readonly stage: FaultStage;
  readonly faults: Iterable<Fault>;
  readonly chance: Chance;
  /** No fault begins after so many ms; infinite: all are played. */
  readonly playMs: number;
  /** How long a fault lasts, in ms: at least, at most. */
  readonly faultMs: readonly [number, number];
  readonly deadlineMs: number;
  readonly onSeen?: (seen: Seen) => void;
};

type Played = {
  readonly talk: Talk;
  readonly followers: readonly RawFollower[];
  readonly newcomers: Person[];
};

/** Of the log of the servers. */
const partitions = 8;
const lookEveryMs = 20;
/** Close codes after which a client does not connect again. */
const isFinal = (code: number): boolean => code >= 4400 && code < 4500;

/** Looks on while a fault lasts: who is silent, and who is deaf, for how long. */
const lookOn = (talk: Talk, followers: readonly RawFollower[]) => {
  const begun = performance.now();
  let silenceMs = 0;
  let deafMs = 0;
  const heard = followers.map(({ n }) => ({ n, at: begun }));
  const circles = talk.streams.map((s) => s.slice(0, 36));
  const look = (): void => {
    const now = performance.now();
    for (const circle of circles) {
      silenceMs = Math.max(silenceMs, now - (talk.watch.postedAt.get(circle) ?? begun));
    }
    for (const [index, { n }] of followers.entries()) {
      const last = heard[index];
      if (last && last.n !== n) heard[index] = { n, at: now };
      else if (last) deafMs = Math.max(deafMs, now - last.at);
    }
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    /** Whether there was a post in each circle, and everybody heard something, since a time. */
    isWellSince: (at: number): boolean =>
      circles.every((circle) => (talk.watch.postedAt.get(circle) ?? 0) > at) &&
      heard.every((last) => last.at > at),
    end: () => {
      clearInterval(timer);
      return { silenceMs, deafMs };
    },
  };
};

/** Resolves when every node is ready, and every partition is run. */
const recovered = async ({ nodes, owners }: FaultStage): Promise<void> => {
  for (const node of nodes) {
    let why: string | undefined;
    const isReady = async (): Promise<boolean> => {
      why = await node.unready();
      return why === undefined;
    };
    await until(isReady, () => `${node.url} is not ready: ${why}`);
  }
  await until(() => owners.areComplete, 'a node for every partition');
};

/** What a fault has touched that it must not. */
const judge = ({ name, spares }: Fault, { talk, silenceMs }: { talk: Talk; silenceMs: number }) => {
  const { faults, watch, deadlineMs } = talk;
  const { late, refused, closes } = watch;
  const say = (what: string): unknown => faults.push(`${name}: ${what}`);
  if (late.length > 0) say(`${late.length} late, such as ${late[0]}`);
  if (closes.some(isFinal)) say(`sockets were closed for good with ${closes.join()}`);
  if (spares === 'nothing') return;
  if (silenceMs > deadlineMs) say(`a circle was without a post for ${Math.round(silenceMs)} ms`);
  if (spares === 'connections' && closes.length > 0) say(`sockets were closed: ${closes.join()}`);
  if (closes.includes(1006)) say('sockets were lost without a word');
  if (refused.length > 0) say(`${refused.length} commands were refused, such as ${refused[0]}`);
};

/** One fault from its beginning until everything works again. */
const playFault = async (
  fault: Fault,
  { stage, chance, faultMs: [least, most] }: PlayOptions,
  { talk, followers, newcomers }: Played,
): Promise<Seen> => {
  talk.watch = newWatch();
  stage.owners.longestMs = 0;
  const before = talk.acknowledged.length;
  const looking = lookOn(talk, followers);
  const begun = performance.now();
  const lastsMs = Math.max(fault.msMin ?? 0, least + chance.under(Math.max(1, most - least)));
  await fault.begin();
  await sleep(lastsMs / 2);
  const newcomer = newcomers.pop();
  if (newcomer && fault.spares !== 'nothing') {
    const node = new Door(talk.nodes, talk.acknowledged.length).next();
    const coming = TestSocket.greet(node.url, newcomer);
    const socket = await timed(talk, { what: 'the first hello of a session', node }, coming);
    if (!socket) talk.faults.push(`${fault.name}: a newcomer's hello was not answered`);
    socket?.cut();
  }
  await sleep(lastsMs / 2);
  await fault.end();
  const ended = performance.now();
  const isWell = (): boolean => looking.isWellSince(ended);
  const well = until(isWell, `${fault.name}: everybody to post and to hear`);
  for (const wait of [well, recovered(stage)]) {
    await wait.catch((error: Error) => talk.faults.push(error.message));
  }
  const recoveryMs = performance.now() - ended;
  const { silenceMs, deafMs } = looking.end();
  judge(fault, { talk, silenceMs });
  const { slowestMs, late, refused, unreadable, closes } = talk.watch;
  return {
    ...{ fault: fault.name, lastedMs: ended - begun, silenceMs, deafMs, slowestMs, recoveryMs },
    ...{ posts: talk.acknowledged.length - before, unownedMs: stage.owners.longestMs },
    ...{ late: late.length, refused: refused.length, unreadable, closes: [...new Set(closes)] },
  };
};

/** Everybody who talks, until it is over; the talkers begin on different nodes. */
const everybodyTalks = (talk: Talk, { writers }: Pick<People, 'writers'>): Promise<unknown> => {
  const [hers, his, theirs, reader, passer] = writers as [Person, Person, Person, Person, Person];
  const inStreams = talk.streams.map((s, at) =>
    talkBySocket(talk, { person: [hers, his, theirs][at % 3] ?? hers, s, at }),
  );
  return Promise.all([
    ...inStreams,
    ...[talkByHttp(talk, { person: hers, at: 0 }), talkByHttp(talk, { person: his, at: 1 })],
    ...[readHistory(talk, { person: reader, at: 2 }), comeAndGo(talk, { person: passer, at: 0 })],
  ]);
};

/** Follows each stream, on different nodes. */
const followAll = (talk: Talk, { writers }: Pick<People, 'writers'>): RawFollower[] =>
  talk.streams.map((s, index) => {
    const person = writers[index % writers.length] as Person;
    const door = new Door(talk.nodes, index + 1);
    return new RawFollower({ url: () => door.next().url, person, s });
  });

/** Plays faults while people talk and follow; gives what was seen, and everything that should not have been. */
export const play = async (
  options: PlayOptions,
): Promise<{ readonly seen: readonly Seen[]; readonly faults: readonly string[] }> => {
  const { stage, chance, deadlineMs, playMs, onSeen } = options;
  const { nodes } = stage;
  const { streams, posted, ...people } = await found(new Door(nodes).next().url, partitions);
  // Nobody's session is in the memory of those that run now.
  await stage.restart();
  const talk: Talk = {
    ...{ nodes, streams, posted, chance, deadlineMs, acknowledged: [], faults: [], isOver: false },
    watch: newWatch(),
  };
  const followers = followAll(talk, people);
  const talking = everybodyTalks(talk, people);
  const seen: Seen[] = [];
  const begun = performance.now();
  await until(() => talk.acknowledged.length > 30, 'everybody to talk');
  for (const fault of options.faults) {
    if (performance.now() - begun > playMs) break;
    await until(() => stage.owners.areShared, 'every node to have its share');
    const one = await playFault(fault, options, { talk, followers, ...people });
    seen.push(one);
    onSeen?.(one);
  }
  talk.isOver = true;
  await talking;
  const faults = await compare(talk, followers);
  for (const follower of followers) {
    follower.stop();
    faults.push(...follower.faults);
  }
  faults.push(...nodes.flatMap((node) => node.failures()));
  return { seen, faults: [...talk.faults, ...faults] };
};
