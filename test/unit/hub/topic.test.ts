import { expect, onTestFinished, test, vi } from 'vitest';
import { until } from '../../contract/doubles/hand-log.ts';
import { received } from '../../support/checkers/received.ts';
import { settle } from '../../support/doubles/virtual-time.ts';
import { hubStage, Viewer } from '../../support/fixtures/hub-stage.ts';
import {
  circleNumber,
  numbered,
  posted,
  stamped,
  streamNumber,
} from '../../support/generators/chatter.ts';

const circle = numbered(1);
const s = `${circle}/${circle}`;
const stream = streamNumber(1);
const frameBytesMax = 1_048_576;

const upTo = (n: number, from = 1): string[] =>
  Array.from({ length: n - from + 1 }, (_, index) => `${from + index}`);

test('who subscribes again is sent what was missed, from the ring [W5] [W7]', async () => {
  const { log, watch, places } = await hubStage();
  const viewer = new Viewer(1);
  await watch(new Viewer(2), s);
  for (let id = 1; id <= 20; id++) log.record(stream, [posted(id)]);
  await watch(viewer, s, { after: 12 });
  await until(() => viewer.story(s).length === 9);
  expect(viewer.story(s)).toEqual([...upTo(20, 13), 'live 20']);
  expect(places).toEqual([]);
});

test('who missed more than the ring holds is sent it from the log, then from the ring', async () => {
  const { log, watch, places } = await hubStage();
  for (let id = 1; id <= 100; id++) log.record(stream, [posted(id)]);
  const viewer = new Viewer(1);
  await watch(new Viewer(2), s, { after: 100 });
  for (let id = 101; id <= 500; id++) log.record(stream, [posted(id)]);
  await watch(viewer, s, { after: 30 });
  log.record(stream, [posted(501)]);
  await until(() => viewer.numbers(s).length === 471);
  expect(viewer.story(s).filter((each) => !each.startsWith('live'))).toEqual(upTo(501, 31));
  expect(places[0]).toBe(30);
});

test('a cursor in the middle of a commit is gone on from there', async () => {
  const { log, watch } = await hubStage();
  log.record(stream, [posted(1), posted(2), posted(3)]);
  log.record(stream, [posted(4)]);
  const viewer = new Viewer(1);
  await watch(viewer, s, { after: 2 });
  await until(() => viewer.story(s).length === 3);
  expect(viewer.story(s)).toEqual(['3', '4', 'live 4']);
});

test('a socket that lets data wait holds up nobody else, and catches up without a gap [W13]', async () => {
  const { log, watch } = await hubStage();
  const [slow, fast] = [new Viewer(1), new Viewer(2)];
  const subscription = await watch(slow, s);
  await watch(fast, s);
  slow.stall();
  for (let id = 1; id <= 10; id++) {
    log.record(stream, [posted(id)]);
    await settle();
  }
  await until(() => fast.numbers(s).length === 10);
  expect(slow.story(s)).toEqual(['live 0']);
  expect(subscription).toMatchObject({ state: { name: 'behind', cursor: 0 } });
  slow.flow();
  await until(() => subscription.state.name === 'live');
  log.record(stream, [posted(11)]);
  await until(() => slow.numbers(s).length === 11);
  expect(slow.story(s)).toEqual(['live 0', ...upTo(11)]);
});

test('a socket that stood for longer than the ring holds catches up from the log [W13]', async () => {
  const { log, watch, places } = await hubStage();
  const slow = new Viewer(1);
  const subscription = await watch(slow, s);
  slow.stall();
  for (let id = 1; id <= 1000; id++) log.record(stream, [posted(id)]);
  await until(() => subscription.state.name === 'behind');
  slow.flow();
  await until(() => subscription.state.name === 'live');
  expect(slow.story(s)).toEqual(['live 0', ...upTo(1000)]);
  expect(places.length).toBeGreaterThan(0);
});

test('a burst of more than the ring holds reaches those who are live, and nobody reads the log for it', async () => {
  const { log, watch, places } = await hubStage();
  const viewers = [new Viewer(1), new Viewer(2)];
  for (const viewer of viewers) await watch(viewer, s);
  for (let id = 1; id <= 1000; id++) log.record(stream, [posted(id)]);
  for (const viewer of viewers) {
    await until(() => viewer.numbers(s).length === 1000);
    expect(viewer.story(s)).toEqual(['live 0', ...upTo(1000)]);
  }
  expect(places).toEqual([]);
});

test('a socket is not sent more than it takes: it stalls in the middle, and goes on', async () => {
  const { log, watch } = await hubStage();
  for (let id = 1; id <= 400; id++) log.record(stream, [posted(id, 'x'.repeat(4000))]);
  const viewer = new Viewer(1);
  const write = viewer.write.bind(viewer);
  viewer.write = (frames) => {
    write(frames);
    viewer.stall();
  };
  const subscription = await watch(viewer, s);
  await until(() => viewer.buffers.length === 1);
  for (let turn = 0; turn < 20; turn++) await settle();
  expect(viewer.buffers).toHaveLength(1);
  while (subscription.state.name !== 'live') {
    viewer.flow();
    await settle();
  }
  expect(viewer.story(s)).toEqual([...upTo(400), 'live 400']);
  expect(viewer.buffers.length).toBeGreaterThan(5);
});

test.for([
  ['letters of three bytes', '的'],
  ['letters of two bytes', 'é'],
  ['letters that JSON escapes', '"'],
])('no frame is over 1 MiB, from the ring or from the log: %s', async ([, letter]) => {
  const { log, watch } = await hubStage();
  const text = letter?.repeat(16_000);
  const [early, late] = [new Viewer(1), new Viewer(2)];
  await watch(early, s);
  for (let id = 1; id <= 30; id++) log.record(stream, [posted(id, text), posted(id, text)]);
  await watch(late, s);
  for (const viewer of [early, late]) {
    await until(() => viewer.numbers(s).length === 60);
    const sizes = viewer.buffers.flatMap(received).map((frame) => Buffer.byteLength(frame));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(frameBytesMax);
  }
});

test('while the log cannot be read a subscription is tried again, once a second', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  let away = true;
  const { log, watch, errors } = await hubStage((memory) => ({
    ...memory,
    async *read(...asked) {
      if (away) throw new Error('the log is away');
      yield* memory.read(...asked);
    },
  }));
  log.record(stream, [posted(1)]);
  const viewer = new Viewer(1);
  await watch(viewer, s);
  await until(() => errors.length === 1);
  await vi.advanceTimersByTimeAsync(1000);
  await until(() => errors.length === 2);
  away = false;
  await vi.advanceTimersByTimeAsync(1000);
  await until(() => viewer.story(s).length === 2);
  expect(viewer.story(s)).toEqual(['1', 'live 1']);
  expect(errors.map(({ message }) => message)).toEqual([
    `cannot read events of ${stream} for a subscription`,
    `cannot read events of ${stream} for a subscription`,
  ]);
});

test('what is shown of a circle comes with its streams, each by its own number', async () => {
  const { log, watch } = await hubStage();
  const viewer = new Viewer(1);
  await watch(viewer, circle);
  await watch(viewer, s);
  log.record(circleNumber(1), [stamped('circle-updated', { name: 'Tea' })]);
  log.record(stream, [posted(1)]);
  log.record(circleNumber(2), [stamped('circle-updated', { name: 'Coffee' })]);
  await until(() => viewer.frames.length === 4);
  expect([viewer.story(circle), viewer.story(s)]).toEqual([
    ['live 0', '1'],
    ['live 0', '1'],
  ]);
});
