import { setTimeout as sleep } from 'node:timers/promises';
import { uuid7 } from '../../../../src/events/ids.ts';
import { RawFollower } from '../../checkers/raw-follower.ts';
import {
  asDelivered,
  eventsOf,
  gapsIn,
  type LogLine,
  replay,
} from '../../checkers/replayed-log.ts';
import { until } from '../../checkers/waiting.ts';
import { call, makeCircle, type Person, registerAll } from '../../fixtures/server-people.ts';
import { TestSocket } from '../../fixtures/server-socket.ts';
import type { Chance } from '../chance.ts';
import type { Fault } from './kinds.ts';
import {
  comeAndGo,
  newWatch,
  readHistory,
  type Talk,
  talkByHttp,
  talkBySocket,
  timed,
} from './people.ts';
import type { FaultStage } from './stage.ts';

/** What was seen of one fault; durations in ms. */
export type Seen = {
  readonly fault: string;
  readonly lastedMs: number;
  readonly posts: number;
  /** The longest time in which one circle had no post. */
  readonly silenceMs: number;
  /** The longest time in which one of those who follow heard nothing. */
  readonly deafMs: number;
  readonly slowestMs: number;
  readonly late: number;
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

/** More messages than a stream's state keeps, so that ids are told apart of which it knows nothing. */
const oldMessages = 1_100;
const circlesCount = 3;
const newcomersCount = 60;
const lookEveryMs = 20;

type People = {
  readonly writers: readonly Person[];
  /** They have not been seen by the server that runs: each comes once. */
  readonly newcomers: Person[];
};

const found = async (url: string): Promise<{ people: People; streams: string[] }> => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
  const writers = await registerAll(url, names(6));
  const newcomers: Person[] = [];
  while (newcomers.length < newcomersCount) {
    newcomers.push(...(await registerAll(url, names(10))));
  }
  const [owner] = writers;
  if (!owner) throw new Error('nobody is there');
  const circles: string[] = [];
  for (let count = 0; count < circlesCount; count++) {
    circles.push(await makeCircle(owner, writers.slice(1)));
  }
  const streams = circles.map((circle) => `${circle}/${circle}`);
  const socket = await TestSocket.greet(url, owner);
  for (let count = 0; count < oldMessages; count += 20) {
    const posts = Array.from({ length: 20 }, () => ({ s: streams[0], id: uuid7(), text: 'old' }));
    await Promise.all(posts.map((d) => socket.command('post-message', d)));
  }
  socket.close();
  return { people: { writers, newcomers }, streams };
};

/** Looks on while a fault lasts: who is silent, and who is deaf, for how long. */
const lookOn = (talk: Talk, followers: readonly RawFollower[]) => {
  const begun = performance.now();
  let silenceMs = 0;
  let deafMs = 0;
  const heard = followers.map(({ n }) => ({ n, at: begun }));
  const circles = [...new Set(talk.streams.map((s) => s.slice(0, 36)))];
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

const isReady = async (url: string): Promise<boolean> =>
  (await call(url, 'GET /readyz').catch(() => undefined))?.status === 200;

/** One fault from its beginning until everything works again. */
const playFault = async (
  fault: Fault,
  { stage, chance, faultMs: [least, most] }: PlayOptions,
  { talk, followers, newcomers }: { talk: Talk; followers: RawFollower[]; newcomers: Person[] },
): Promise<Seen> => {
  talk.watch = newWatch();
  const { watch } = talk;
  const before = talk.acknowledged.length;
  const looking = lookOn(talk, followers);
  const begun = performance.now();
  const lastsMs = least + chance.under(Math.max(1, most - least));
  await fault.begin(stage);
  await sleep(lastsMs / 2);
  const newcomer = newcomers.pop();
  if (newcomer && fault.isHarmless) {
    const coming = TestSocket.greet(talk.url, newcomer);
    const socket = await timed(talk, 'the first hello of a session', coming);
    if (!socket) talk.faults.push(`${fault.name}: a newcomer's hello was not answered`);
    socket?.cut();
  }
  await sleep(lastsMs / 2);
  await fault.end(stage);
  const ended = performance.now();
  await until(() => looking.isWellSince(ended), `${fault.name}: everybody to post and to hear`);
  await until(() => isReady(talk.url), `${fault.name}: to be ready again`);
  const { silenceMs, deafMs } = looking.end();
  const { slowestMs, late, closes } = watch;
  const seen = { silenceMs, deafMs, slowestMs, late: late.length, closes: [...new Set(closes)] };
  const recoveryMs = performance.now() - ended;
  const posts = talk.acknowledged.length - before;
  if (late.length > 0) talk.faults.push(`${fault.name}: ${late.length} late, such as ${late[0]}`);
  if (fault.isHarmless && silenceMs > talk.deadlineMs) {
    talk.faults.push(`${fault.name}: a circle was without a post for ${Math.round(silenceMs)} ms`);
  }
  if (fault.isHarmless && closes.length > 0) {
    talk.faults.push(`${fault.name}: sockets were closed with ${closes.join()}`);
  }
  return { fault: fault.name, lastedMs: ended - begun, posts, ...seen, recoveryMs };
};

/** What is wrong with one stream: nothing acknowledged may be lost, doubled, or elsewhere than was said. */
const compareStream = async (
  s: string,
  log: readonly LogLine[],
  { talk, followers }: { talk: Talk; followers: readonly RawFollower[] },
): Promise<string[]> => {
  const faults: string[] = [];
  const posted = log.filter(({ k }) => k === 'message-posted');
  const posts = new Map(posted.map((line) => [line.d.id, line]));
  if (posts.size !== posted.length) faults.push(`${s}: a message is there twice`);
  for (const { id, n, m, at } of talk.acknowledged.filter((post) => post.s === s)) {
    const line = posts.get(id);
    const isThere = line?.n === n && line.d.m === m && line.at === at;
    if (!isThere) faults.push(`${s}: message ${m} was acknowledged and is not there`);
  }
  for (const follower of followers.filter((each) => each.s === s)) {
    await until(() => follower.n === log.at(-1)?.n, 'a follower to hear all');
    const expected = JSON.stringify(log.slice(-follower.events.length).map(asDelivered));
    if (JSON.stringify(follower.events.map(ordered)) === expected) continue;
    faults.push(`${s}: a follower heard something else than what is in the log`);
  }
  return faults;
};

/** What is wrong with the log. */
const compare = async (
  { env }: FaultStage,
  seen: { talk: Talk; followers: readonly RawFollower[] },
): Promise<string[]> => {
  const lines = await replay(env);
  const faults = gapsIn(lines);
  for (const s of seen.talk.streams) {
    faults.push(...(await compareStream(s, eventsOf(lines, s), seen)));
  }
  return faults;
};

const ordered = ({ n, at, by, k, d }: RawFollower['events'][number]) => ({ n, at, by, k, d });

/** Plays faults while people talk and follow; gives what was seen, and everything that should not have been. */
export const play = async (
  options: PlayOptions,
): Promise<{ readonly seen: readonly Seen[]; readonly faults: readonly string[] }> => {
  const { stage, chance, deadlineMs, playMs, onSeen } = options;
  const { url } = stage;
  const { people, streams } = await found(url);
  // Nobody's session is in the memory of the one that runs now.
  await stage.restart();
  const { newcomers } = people;
  const [hers, his, by, reader, passer] = people.writers as [
    Person,
    Person,
    Person,
    Person,
    Person,
  ];
  const talk: Talk = {
    ...{ url, streams, chance, deadlineMs, acknowledged: [], faults: [], isOver: false },
    watch: newWatch(),
  };
  const followers = streams.map((s) => new RawFollower({ url, person: by, s }));
  const talking = [
    ...[talkBySocket(talk, hers), talkBySocket(talk, his), talkBySocket(talk, by)],
    ...[talkByHttp(talk, hers), readHistory(talk, reader), comeAndGo(talk, passer)],
  ];
  const seen: Seen[] = [];
  const begun = performance.now();
  await until(() => talk.acknowledged.length > 30, 'everybody to talk');
  for (const fault of options.faults) {
    if (performance.now() - begun > playMs) break;
    const one = await playFault(fault, options, { talk, followers, newcomers });
    seen.push(one);
    onSeen?.(one);
  }
  talk.isOver = true;
  await Promise.all(talking);
  const faults = await compare(stage, { talk, followers });
  for (const follower of followers) {
    follower.stop();
    faults.push(...follower.faults);
  }
  return { seen, faults: [...talk.faults, ...faults] };
};
