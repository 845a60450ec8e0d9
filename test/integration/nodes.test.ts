import { expect } from 'vitest';
import { isRefusal } from '../../src/actors/decision.ts';
import { circleAggregate, partitionOf, streamAggregate } from '../../src/events/aggregate.ts';
import { commands, general } from '../support/fixtures/actors-stage.ts';
import { circle, owner } from '../support/fixtures/circle-past.ts';
import { readAll } from '../support/fixtures/log-fixtures.ts';
import { natsNodes } from '../support/fixtures/nats-node.ts';
import { testWithNats } from '../support/fixtures/servers.ts';

const partitions = 4;
const home = partitionOf(circleAggregate(circle), partitions);
const posts = 300;
const leaveAfter = 100;
const sharesMsMax = 20_000;

const stage = natsNodes(partitions);

testWithNats(
  'while a partition moves to another node, every post is done once, in the order of sending',
  async () => {
    const nodes = [await stage.start(), await stage.start()];
    try {
      const shares = () => nodes.map(({ mine }) => mine().length);
      await expect.poll(shares, { timeout: sharesMsMax }).toEqual([2, 2]);
      const [there, here] = nodes[0]?.mine().includes(home) ? nodes : nodes.toReversed();
      if (!(there && here)) throw new Error('two nodes were started');
      expect(await here.actors.askCircle(circle, commands.create())).toMatchObject({ events: {} });

      let leaving: Promise<void> | undefined;
      const answers = Array.from({ length: posts }, async (_, index) => {
        const outcome = here.actors.askStream(commands.post(owner, index + 1));
        if (index === leaveAfter) leaving = there.leave();
        return outcome;
      });
      const outcomes = await Promise.all(answers);
      await leaving;
      const numbers = outcomes.map((outcome) =>
        isRefusal(outcome) ? outcome.refused : (outcome.answer as { m: number }).m,
      );
      expect(numbers).toEqual(Array.from({ length: posts }, (_, index) => index + 1));
      await expect.poll(() => here.mine()).toHaveLength(partitions);

      const commits = await readAll(here.log, streamAggregate(circle, general));
      expect(new Set(commits.map(({ commit }) => commit.term)).size).toBe(2);
      const ids = commits.flatMap(({ commit }) =>
        commit.events.flatMap((event) => (event.k === 'message-posted' ? event.d.id : [])),
      );
      expect(new Set(ids).size).toBe(posts);
      expect(ids).toHaveLength(posts);
      expect(stage.errors).toEqual([]);
    } finally {
      await stage.close();
    }
  },
  60_000,
);
