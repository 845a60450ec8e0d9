import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 10;
const waitMsMax = 40_000;

/** Waits for a condition; gives up after a long time, with what did not come about. Also in concurrent tests. */
export const until = async (
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string) = 'the condition',
): Promise<void> => {
  const deadline = Date.now() + waitMsMax;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`did not come about: ${typeof what === 'string' ? what : what()}`);
    }
    await sleep(lookEveryMs);
  }
};
