import { textOf } from './figures.ts';
import { type Answer, Flooder } from './flooder.ts';
import { atRate } from './pace.ts';
import { inParallel } from './people.ts';

/** A load: at a rate, whatever the answers; or with so many posts in flight, as fast as that goes. */
export type Load = {
  readonly perSecond?: number;
  readonly inFlight?: number;
  /** What is sent before `settleMs` counts for nothing. */
  readonly settleMs: number;
  readonly ms: number;
};

/** What became of the posts that were sent while it counted. */
export type Flooded = {
  readonly offered: number;
  /** Posts acknowledged while it counted, whenever they were sent. */
  readonly acknowledged: number;
  readonly refused: number;
  readonly unanswered: number;
  /** How long each accepted one took, in ms. */
  readonly latencies: readonly number[];
  readonly seconds: number;
};

export type FloodOrders = {
  readonly url: string;
  readonly flooders: readonly { readonly token: string; readonly s: string }[];
};

class Count {
  offered = 0;
  acknowledged = 0;
  refused = 0;
  answered = 0;
  readonly latencies: number[] = [];
  readonly from: number;
  readonly until: number;

  constructor({ settleMs, ms }: Load) {
    this.from = performance.now() + settleMs;
    this.until = this.from + ms;
  }

  /** Counts a post that is sent now; call the result with its answer. */
  sent(): (answer: Answer) => void {
    const at = performance.now();
    const counts = at >= this.from && at < this.until;
    if (counts) this.offered++;
    return ({ isOk }) => {
      const now = performance.now();
      if (isOk && now >= this.from && now < this.until) this.acknowledged++;
      if (!counts) return;
      this.answered++;
      if (isOk) this.latencies.push(now - at);
      else this.refused++;
    };
  }

  get result(): Flooded {
    const { offered, acknowledged, refused, latencies } = this;
    const seconds = (this.until - this.from) / 1000;
    return {
      offered,
      acknowledged,
      refused,
      latencies,
      seconds,
      unanswered: offered - this.answered,
    };
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How long answers to what was sent last are awaited, in ms. */
const graceMs = 1000;

const run = async ({ url, flooders }: FloodOrders, load: Load): Promise<Flooded> => {
  const { perSecond, inFlight = 0, settleMs, ms } = load;
  const all = await inParallel(flooders.length, 20, (at) =>
    Flooder.open(url, flooders[at]?.token ?? ''),
  );
  const count = new Count(load);
  const post = (index: number, answered: (answer: Answer) => void): void => {
    const at = index % all.length;
    const counted = count.sent();
    all[at]?.post(flooders[at]?.s ?? '', textOf(index), (answer) => {
      counted(answer);
      answered(answer);
    });
  };
  if (perSecond === undefined) {
    await inParallel(inFlight, inFlight, async (lane) => {
      while (performance.now() < count.until) {
        const { retryAfter } = await new Promise<Answer>((answered) => post(lane, answered));
        if (retryAfter !== undefined) await pause(retryAfter);
      }
    });
  } else {
    await atRate(perSecond, (settleMs + ms) / 1000, (index) => post(index, () => undefined));
    await pause(graceMs);
  }
  for (const each of all) each.close();
  return count.result;
};

// A process of its own: what it does must not delay those whose times are measured.
if (process.send) {
  let orders: FloodOrders | undefined;
  process.on('message', (message: FloodOrders | Load) => {
    if ('url' in message) orders = message;
    else if (orders) void run(orders, message).then((result) => process.send?.(result));
  });
}
