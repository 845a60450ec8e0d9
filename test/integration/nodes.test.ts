import { expect } from 'vitest';
import { Actors } from '../../src/actors/actors.ts';
import { isRefusal } from '../../src/actors/decision.ts';
import { openNatsNodes } from '../../src/engine/cluster/nats-nodes.ts';
import { circleAggregate, partitionOf, streamAggregate } from '../../src/events/aggregate.ts';
import { createMembership, thisNode } from '../../src/nodes/nodes.ts';
import { monotonic, wallClock } from '../../src/runtime/clock.ts';
import { memorySnapshots } from '../support/checkers/tally.ts';
import { commands, general, lookUpNothing } from '../support/fixtures/actors-stage.ts';
import { circle, owner } from '../support/fixtures/circle-past.ts';
import { logFixture } from '../support/fixtures/jetstream-fixture.ts';
import { readAll } from '../support/fixtures/log-fixtures.ts';
import { natsUrl, testWithNats } from '../support/fixtures/servers.ts';

const partitions = 4;
const home = partitionOf(circleAggregate(circle), partitions);
const posts = 300;
const leaveAfter = 100;
const sharesMsMax = 20_000;

const fixture = logFixture();
const errors: Error[] = [];

/** A node with a connection of its own, on the log of this test. */
const startNode = async () => {
  const { log, nc } = await fixture.open(natsUrl(), { partitions });
  const { prefix } = fixture;
  const onError = (error: Error): unknown => errors.push(error);
  const ports = await openNatsNodes(nc, { bucket: prefix, prefix, onError });
  const me = thisNode(wallClock);
  const actors = new Actors({
    ...{ log, now: monotonic, onError, isAssigned: false },
    snapshots: memorySnapshots(),
    lookUpMessages: lookUpNothing,
  });
  const membership = createMembership({ ...ports, me, actors, partitions, monotonic, onError });
  await membership.start({ assign: () => undefined, revoke: async () => undefined });
  const mine = () =>
    Array.from({ length: partitions }, (_, partition) => partition).filter(
      (partition) => membership.ownerOf(partition) === me.id,
    );
  return { ...membership, log, me, mine };
};

testWithNats(
  'while a partition moves to another node, every post is done once, in the order of sending',
  async () => {
    const nodes = [await startNode(), await startNode()];
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
      expect(errors).toEqual([]);
    } finally {
      for (const node of nodes) node.stop();
      await fixture.close();
    }
  },
  60_000,
);
