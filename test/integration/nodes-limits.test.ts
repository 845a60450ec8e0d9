import { expect } from 'vitest';
import { limits } from '../../src/app/limits/limits.ts';
import { commandLimits } from '../../src/app/operations/command-limits.ts';
import { LoginGuard } from '../../src/app/sessions/login-guard.ts';
import { shareLimits } from '../../src/composition/shared-limits.ts';
import { Resources } from '../../src/runtime/resources.ts';
import { natsNodes } from '../support/fixtures/nats-node.ts';
import { testWithNats } from '../support/fixtures/servers.ts';
import { numbered } from '../support/generators/chatter.ts';

const partitions = 4;
const sharesMsMax = 20_000;
const monotonic = (): number => 0;

/** How many attempts are not refused; they are made alternately on each of some nodes, so many on each. */
const passed = async (attempts: readonly (() => Promise<unknown>)[], times: number) => {
  const all = Array.from({ length: times }, () => attempts.map((attempt) => attempt())).flat();
  return (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled').length;
};

testWithNats(
  'two nodes admit as many passwords as one, and let through at most twice as many commands [W16]',
  async () => {
    const { start, errors, close } = natsNodes(partitions);
    const resources = new Resources();
    try {
      const opened = [await start(), await start()];
      const nodes = opened.map(({ ports, membership }) => {
        const shared = shareLimits({ nodes: ports, membership, partitions }, resources);
        const limited = commandLimits({
          ...{ rateLimits: true, dailyCommands: 0, monotonic },
          ...shared,
        });
        const user = numbered(1);
        return {
          guard: new LoginGuard(monotonic, shared.guardNodes),
          guardNodes: shared.guardNodes,
          command: () => limited(user, {} as never, async () => ({ created: false })),
        };
      });
      const shares = () => opened.map(({ mine }) => mine().length);
      await expect.poll(shares, { timeout: sharesMsMax }).toEqual([2, 2]);

      const names = Array.from({ length: 8 }, (_, each) => `user${each}`);
      for (const name of [...names, 'nobody \ud800']) {
        await expect
          .poll(() => new Set(nodes.map(({ guardNodes }) => guardNodes?.ownerOf(name))).size, {
            timeout: 5000,
          })
          .toBe(1);
        const attempts = nodes.map(
          ({ guard }) =>
            () =>
              guard.admit({ name, client: '10.0.0.1' }),
        );
        expect(await passed(attempts, 2 * limits.loginFailuresBurst)).toBe(
          limits.loginFailuresBurst,
        );
      }
      expect(new Set(names.map((name) => nodes[0]?.guardNodes?.ownerOf(name))).size).toBe(2);

      const commands = nodes.map(({ command }) => command);
      const burst = limits.commandsBurst;
      const first = await passed(commands, 2 * burst);
      expect(first).toBeGreaterThanOrEqual(burst);
      expect(first).toBeLessThanOrEqual(2 * burst);
      // What both have let through is known on both by now, or soon.
      await expect.poll(() => passed(commands, 1), { interval: 20 }).toBe(0);

      await opened[0]?.leave();
      const isOwner = () => nodes[1]?.guardNodes?.ownerOf('user0') === opened[1]?.me.id;
      await expect.poll(isOwner, { timeout: sharesMsMax }).toBe(true);
      await nodes[1]?.guard.admit({ name: 'user0', client: '10.0.0.2' });
      expect(errors).toEqual([]);
    } finally {
      await resources.release();
      await close();
    }
  },
  60_000,
);
