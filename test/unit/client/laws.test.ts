import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FakeSocket } from '../../support/doubles/fake-socket.ts';
import { ModelServer, type Wire } from '../../support/doubles/model-server.ts';
import { settle, virtualTime } from '../../support/doubles/virtual-time.ts';
import { clientStage } from '../../support/fixtures/client-stage.ts';

const parameters = { seed: 20_261_124, numRuns: 300, verbose: 1 } as const;
const streams = ['c/1', 'c/2'];

/** The next step, between the client, the wire and the server. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('up' as const), count: fc.nat(4) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('down' as const), count: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('post' as const), count: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('edit' as const), count: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('other' as const), count: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), count: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), count: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('double' as const), count: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), count: fc.nat(60) }) },
  ),
  { maxLength: 150, size: 'max' },
);

type Step = {
  readonly do: 'up' | 'down' | 'post' | 'edit' | 'other' | 'cut' | 'lose' | 'double' | 'wait';
  readonly count: number;
};

/** Deterministic randomness: a linear congruential generator, sufficient for distinct ids. */
const chanceFrom = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

/** A client and a server with a wire that delivers, loses and duplicates frames as the steps say. */
const scene = (chance: readonly boolean[]) => {
  let at = 0;
  const server = new ModelServer(() => chance[at++ % chance.length] ?? false);
  const stage = clientStage({}, virtualTime(chanceFrom(parameters.seed)));
  const wires = new Map<FakeSocket, Wire>();
  const seen = new Map<string, number[]>();
  const answers: Promise<unknown>[] = [];
  const said: string[] = [];
  for (const s of streams) {
    const numbers: number[] = [];
    seen.set(s, numbers);
    stage.client.subscribe(s, { after: 0, epoch: 'e1' }, { event: ({ n }) => numbers.push(n) });
  }
  const wire = (): Wire => {
    const socket = stage.socket();
    const found = wires.get(socket) ?? server.connect();
    if (!wires.has(socket)) {
      wires.set(socket, found);
      socket.open();
    }
    return found;
  };
  const cut = (): void => {
    const socket = stage.socket();
    if (socket.closedWith !== undefined) return;
    server.disconnect(wire());
    socket.shut();
  };
  const isUp = (): boolean => stage.socket().isOpen || !wires.has(stage.socket());
  const up = (count: number): void => {
    if (!isUp()) return;
    const from = wire();
    for (const frame of stage.socket().sent.splice(0, count)) server.handle(from, frame);
  };
  const down = (count: number): void => {
    if (!isUp()) return;
    for (const frame of wire().queue.splice(0, count)) stage.socket().say(frame);
  };
  const say = (op: 'post-message' | 'edit-message', s: string): void => {
    const text = `${said.length}`;
    said.push(text);
    answers.push(
      op === 'post-message'
        ? stage.client.post(s, text)
        : stage.client.command(op, { s, id: 'm1', text }),
    );
  };
  return { ...stage, server, seen, said, answers, wire, isUp, cut, up, down, say };
};

type Scene = ReturnType<typeof scene>;

/** Loses or duplicates one of the next frames with events, like a faulty server. */
const disturb = ({ isUp, wire }: Scene, copies: 0 | 2, index: number): void => {
  if (!isUp()) return;
  const { queue } = wire();
  const frame = queue[index];
  if (frame && 'e' in frame) queue.splice(index, 1, ...Array(copies).fill(frame));
};

const act = async (on: Scene, step: Step): Promise<void> => {
  const s = streams[step.count % streams.length] ?? '';
  const acts: Record<Step['do'], () => void> = {
    up: () => on.up(step.count),
    down: () => on.down(step.count),
    post: () => on.say('post-message', s),
    edit: () => on.say('edit-message', s),
    other: () => on.server.append(s, 'message-posted', { text: 'of somebody else' }),
    cut: () => on.cut(),
    lose: () => disturb(on, 0, step.count),
    double: () => disturb(on, 2, step.count),
    wait: () => {},
  };
  acts[step.do]();
  if (step.do === 'wait') await on.time.advance(step.count * 100);
  else await settle();
};

/** Delivers everything, over any number of attempts; what is unanswered then stays unanswered. */
const calm = async (on: Scene): Promise<void> => {
  let waiting = on.answers.length;
  for (const answer of on.answers) void answer.then(() => waiting--);
  for (let round = 0; round < 20 || (waiting > 0 && round < 5_000); round++) {
    for (let turn = 0; turn < 4; turn++) {
      on.up(1_000);
      on.down(1_000);
      await settle();
    }
    await on.time.advance(500);
  }
  expect(waiting).toBe(0);
};

it(
  `receives each event once, in order, and every command takes effect once, despite disconnects, loss and duplicates (seed ${parameters.seed}) [W4, W7, W8]`,
  () =>
    fc.assert(
      fc.asyncProperty(
        steps,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }).map((busy) => [...busy, false]),
        async (script, busy) => {
          const on = scene(busy);
          await settle();
          for (const step of script) await act(on, step);
          await calm(on);
          for (const s of streams) on.server.append(s, 'message-posted', { text: 'the last' });
          await calm(on);
          await Promise.all(on.answers);
          for (const s of streams) {
            expect(on.seen.get(s)).toEqual(on.server.events(s).map(({ n }) => n));
          }
          const texts = streams.flatMap((s) => on.server.events(s).map(({ d }) => d.text));
          const own = texts.filter((text) => on.said.includes(text));
          expect(own.sort()).toEqual([...on.said].sort());
          on.client.close();
          expect(on.time.pending()).toBe(0);
        },
      ),
      parameters,
    ),
  30_000,
);

it(
  `keeps the order of posts in a stream (seed ${parameters.seed})`,
  () =>
    fc.assert(
      fc.asyncProperty(steps, fc.array(fc.boolean(), { maxLength: 8 }), async (script, busy) => {
        const on = scene([...busy, false]);
        await settle();
        for (const step of script) await act(on, step);
        await calm(on);
        await Promise.all(on.answers);
        for (const s of streams) {
          const own = on.server
            .events(s)
            .flatMap(({ d }) => (Number(d.text) >= 0 ? [+d.text] : []));
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
        on.client.close();
      }),
      { ...parameters, numRuns: 100 },
    ),
  30_000,
);
