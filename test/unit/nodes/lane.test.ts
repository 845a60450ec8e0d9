import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lane, type LaneCall, type Reply } from '../../../src/nodes/lane.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A lane whose owner and replies the test decides. */
const laneStage = () => {
  let owner: string | undefined = 'a';
  const ended = new Set<string>();
  const sent: string[] = [];
  const outcomes: string[] = [];
  const rounds = new Map<string, number>();
  const replies = new Map<string, (reply: Reply) => void>();
  const lane = new Lane({ current: () => owner, hasEnded: (node) => ended.has(node) });
  const add = (name: string, isRepeatable = true): LaneCall => {
    const call: LaneCall = {
      isRepeatable,
      send: (to, round) => {
        sent.push(`${name} to ${to}`);
        rounds.set(name, round);
        return new Promise((resolve) => replies.set(`${name} to ${to}`, resolve));
      },
      resolve: (answer) => void outcomes.push(`${name}: ${answer}`),
      reject: (error) => void outcomes.push(`${name}: ${error.message}`),
      giveUp: () => void outcomes.push(`${name}: given up`),
      isOver: false,
    };
    lane.add(call);
    return call;
  };
  const reply = async (call: string, reply: Reply): Promise<void> => {
    replies.get(call)?.(reply);
    await vi.advanceTimersByTimeAsync(0);
  };
  const own = (node: string | undefined): void => {
    owner = node;
    lane.ownerChanged();
  };
  const end = (node: string): void => {
    ended.add(node);
    lane.ownerChanged();
  };
  return { lane, add, reply, own, end, sent, outcomes, rounds };
};

const elsewhere: Reply = { state: 'elsewhere' };
const answered: Reply = { state: 'answered', answer: 'ok' };

test('calls are sent without waiting for each other, and settled as they are answered', async () => {
  const { lane, add, reply, sent, outcomes } = laneStage();
  add('1');
  add('2');
  expect(sent).toEqual(['1 to a', '2 to a']);
  await reply('2 to a', answered);
  await reply('1 to a', { state: 'failed', error: new Error('no') });
  expect(outcomes).toEqual(['2: ok', '1: no']);
  expect(lane.isEmpty).toBe(true);
});

test('what was not handled is sent to the next owner, before everything that came later', async () => {
  const { add, reply, own, sent } = laneStage();
  add('1');
  add('2');
  await reply('1 to a', elsewhere);
  add('3');
  own('b');
  // The second may still come back.
  expect(sent).toEqual(['1 to a', '2 to a']);
  await reply('2 to a', elsewhere);
  await vi.advanceTimersByTimeAsync(100);
  expect(sent.slice(2)).toEqual(['1 to b', '2 to b', '3 to b']);
});

test('what is sent again begins a new round, once nothing of the one before is in flight', async () => {
  const { add, reply, sent, rounds } = laneStage();
  add('1');
  add('2');
  await reply('1 to a', elsewhere);
  await vi.advanceTimersByTimeAsync(100);
  add('3');
  expect(sent).toEqual(['1 to a', '2 to a']);
  expect([...rounds]).toEqual([
    ['1', 1],
    ['2', 1],
  ]);
  await reply('2 to a', answered);
  expect(sent.slice(2)).toEqual(['1 to a', '3 to a']);
  expect(rounds.get('3')).toBe(2);
});

test('without an owner calls wait for one', () => {
  const { add, own, sent } = laneStage();
  own(undefined);
  add('1');
  expect(sent).toEqual([]);
  own('b');
  expect(sent).toEqual(['1 to b']);
});

test('a node that does not know yet that it is the owner is asked again after a pause', async () => {
  const { add, reply, sent } = laneStage();
  add('1');
  await reply('1 to a', elsewhere);
  expect(sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(50);
  expect(sent).toEqual(['1 to a', '1 to a']);
});

test('a lost answer: what can be repeated is sent again, the rest is given up', async () => {
  const { add, reply, sent, outcomes } = laneStage();
  add('1', false);
  add('2');
  await reply('1 to a', { state: 'unknown' });
  await reply('2 to a', { state: 'unknown' });
  await vi.advanceTimersByTimeAsync(50);
  expect(outcomes).toEqual(['1: given up']);
  expect(sent).toEqual(['1 to a', '2 to a', '2 to a']);
});

test('what was sent to a node that has ended is not waited for, and its late answers are ignored', async () => {
  const { add, reply, own, end, sent, outcomes } = laneStage();
  add('1', false);
  add('2');
  own('b');
  end('a');
  await vi.advanceTimersByTimeAsync(50);
  expect(outcomes).toEqual(['1: given up']);
  expect(sent.slice(2)).toEqual(['2 to b']);
  await reply('2 to a', answered);
  expect(outcomes).toHaveLength(1);
  await reply('2 to b', answered);
  expect(outcomes).toEqual(['1: given up', '2: ok']);
});

test('what nobody waits for any more is not sent', async () => {
  const { add, own, sent } = laneStage();
  own(undefined);
  add('1').isOver = true;
  add('2');
  own('b');
  expect(sent).toEqual(['2 to b']);
});
