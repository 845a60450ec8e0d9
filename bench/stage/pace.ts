import type { Listener } from './listener.ts';

/** Calls `send` at a steady rate, however long it takes; resolves when all have been sent. */
export const atRate = async (
  perSecond: number,
  seconds: number,
  send: (index: number) => void,
): Promise<void> => {
  const begun = performance.now();
  const total = seconds * perSecond;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, 1 + Math.floor(((performance.now() - begun) / 1000) * perSecond));
    for (; sent < due; sent++) send(sent);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

/** Resolves when a condition holds; rejects after half a minute. */
export const eventually = async (condition: () => boolean, what: string): Promise<void> => {
  const deadline = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/**
 * How long texts sent at a steady rate take to reach listeners, in ms each. The listeners receive all of them, in the
 * order of sending.
 */
export const latenciesAt = async (
  listeners: readonly Listener[],
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
  send: (index: number) => void,
): Promise<number[]> => {
  const sentAt: number[] = [];
  const latencies: number[] = [];
  const begun = listeners.map(({ counted }) => counted);
  for (const [index, listener] of listeners.entries()) {
    let seen = 0;
    listener.onCounted = () => {
      const counted = listener.counted - (begun[index] ?? 0);
      for (; seen < counted; seen++) latencies.push(performance.now() - (sentAt[seen] ?? 0));
    };
  }
  await atRate(perSecond, seconds, (index) => {
    sentAt.push(performance.now());
    send(index);
  });
  await eventually(
    () => latencies.length >= listeners.length * sentAt.length,
    'the arrival of all texts',
  );
  for (const listener of listeners) listener.onCounted = undefined;
  return latencies;
};
