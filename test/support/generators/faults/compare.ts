import type { RawFollower } from '../../checkers/raw-follower.ts';
import {
  asDelivered,
  eventsOf,
  gapsIn,
  type LogLine,
  replay,
} from '../../checkers/replayed-log.ts';
import { until } from '../../checkers/waiting.ts';
import type { Talk } from './talk.ts';

const ordered = ({ n, at, by, k, d }: RawFollower['events'][number]) => ({ n, at, by, k, d });

/** What is wrong with the messages of one stream, compared with what people have sent and were answered. */
const comparePosts = (s: string, log: readonly LogLine[], talk: Talk): string[] => {
  const faults: string[] = [];
  const posts = new Map<unknown, LogLine>();
  for (const line of log.filter(({ k }) => k === 'message-posted')) {
    const { id, m, text } = line.d;
    if (posts.has(id)) faults.push(`duplicated: ${s} has message ${m} twice`);
    if (talk.posted.get(String(id)) !== text) faults.push(`phantom: ${s} has message ${m}`);
    posts.set(id, line);
  }
  for (const { id, n, m, at } of talk.acknowledged.filter((post) => post.s === s)) {
    const line = posts.get(id);
    const isThere = line?.n === n && line.d.m === m && line.at === at;
    if (!isThere) faults.push(`lost: ${s} does not have message ${m} as it was acknowledged`);
  }
  return faults;
};

/** What is wrong with one stream: nothing acknowledged may be lost, doubled, or elsewhere than was said. */
const compareStream = async (
  s: string,
  log: readonly LogLine[],
  { talk, followers }: { talk: Talk; followers: readonly RawFollower[] },
): Promise<string[]> => {
  const faults = comparePosts(s, log, talk);
  for (const follower of followers.filter((each) => each.s === s)) {
    await until(() => follower.n === log.at(-1)?.n, 'a follower to hear all');
    const expected = JSON.stringify(log.slice(-follower.events.length).map(asDelivered));
    if (JSON.stringify(follower.events.map(ordered)) === expected) continue;
    faults.push(`heard: a follower of ${s} heard something else than what is in the log`);
  }
  return faults;
};

/** What is wrong with the log. */
export const compare = async (talk: Talk, followers: readonly RawFollower[]): Promise<string[]> => {
  const lines = await replay(talk.nodes[0]?.env ?? {});
  const faults = gapsIn(lines);
  for (const s of talk.streams) {
    faults.push(...(await compareStream(s, eventsOf(lines, s), { talk, followers })));
  }
  return faults;
};
