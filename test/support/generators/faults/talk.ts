import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../chance.ts';
import type { Acknowledged } from '../crowd.ts';
import type { FaultNode } from './node.ts';

/** What is measured of those who talk, while a fault is played: of what they have asked since it began. */
export type Watch = {
  /** By circle, when a post was acknowledged last, in ms of the monotonic clock. */
  readonly postedAt: Map<string, number>;
  /** The longest time that an answer took, in ms, and those that took longer than the deadline. */
  slowestMs: number;
  readonly late: string[];
  /** Commands, and then reads, that were `unavailable`. */
  readonly refused: string[];
  unreadable: number;
  /** Close codes of sockets; 1006: without a word. */
  readonly closes: number[];
};

export type Talk = {
  readonly nodes: readonly FaultNode[];
  readonly streams: readonly string[];
  readonly chance: Chance;
  /** The text of everything that somebody has tried to post, by its id. */
  readonly posted: Map<string, string>;
  readonly acknowledged: Acknowledged[];
  readonly faults: string[];
  /** Every answer comes within so many ms. */
  readonly deadlineMs: number;
  watch: Watch;
  isOver: boolean;
};

export const newWatch = (): Watch => ({
  ...{ postedAt: new Map(), slowestMs: 0, late: [], refused: [], unreadable: 0, closes: [] },
});

/** An answer that takes longer than so many deadlines is waited for no more. */
const patience = 4;

/** What is asked, and of which node. */
export type Asked = { readonly what: string; readonly node: FaultNode };

/** Waits for an answer and notes how long the node took, as far as it was running; undefined if there is none. */
export const timed = async <T>(
  { watch, deadlineMs }: Talk,
  { what, node }: Asked,
  answer: Promise<T>,
): Promise<T | undefined> => {
  const begun = performance.now();
  const never = async (): Promise<undefined> => {
    for (let waits = 0; waits < patience; waits++) {
      await sleep(deadlineMs, undefined, { ref: false });
      if (!Number.isFinite(node.backAt)) return;
    }
  };
  const got = await Promise.race([answer.catch(() => undefined), never()]);
  const ms = performance.now() - Math.max(begun, node.backAt);
  watch.slowestMs = Math.max(watch.slowestMs, ms);
  if (ms > deadlineMs) watch.late.push(`${what} took ${Math.round(ms)} ms`);
  return got;
};

export type Post = Pick<Acknowledged, 's' | 'by' | 'id' | 'text'>;
export type Said = Pick<Acknowledged, 'n' | 'm' | 'at'>;

/** A post that is about to be sent; resolves what the first `ok` to it says. */
export const posting = (talk: Talk, post: Post): ((said: Said) => void) => {
  talk.posted.set(post.id, post.text);
  const before = newest(talk, post.s);
  return ({ n, m, at }) => {
    if (n <= before) talk.faults.push(`reordered: ${post.s} had ${before} before ${n} was sent`);
    talk.acknowledged.push({ ...post, n, m, at });
    talk.watch.postedAt.set(post.s.slice(0, 36), performance.now());
  };
};

/** The number of the newest event of a stream that was acknowledged to anybody. */
const newest = ({ acknowledged }: Talk, s: string): number =>
  acknowledged.findLast((post) => post.s === s)?.n ?? 0;
