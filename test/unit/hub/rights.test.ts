import { expect, test } from 'vitest';
import { streamAggregate } from '../../../src/events/aggregate.ts';
import type { CircleId, StreamId } from '../../../src/events/ids.ts';
import { until } from '../../contract/doubles/hand-log.ts';
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
const general = `${circle}/${circle}`;
const news = `${circle}/${numbered(2)}`;
const newsStream = streamAggregate(circle as CircleId, numbered(2) as StreamId);
const removed = (user: number) => stamped('member-removed', { user: numbered(user) });
const left = (user: number) => stamped('member-left', { user: numbered(user) });

test.for([
  ['was removed', removed(1)],
  ['has left', left(1)],
] as const)(
  'who %s gets end instead of the event, after all before it, and nothing later [W11]',
  async ([, event]) => {
    const { log, watch } = await hubStage();
    const [gone, stays] = [new Viewer(1), new Viewer(2)];
    for (const viewer of [gone, stays]) {
      for (const s of [circle, general]) await watch(viewer, s);
    }
    log.record(circleNumber(1), [stamped('circle-updated', { name: 'Tea' })]);
    log.record(streamNumber(1), [posted(1)]);
    log.record(circleNumber(1), [event]);
    log.record(streamNumber(1), [posted(2)]);
    await until(() => stays.numbers(general).length === 2);
    await until(() => stays.numbers(circle).length === 2);
    expect([stays.story(circle), stays.story(general)]).toEqual([
      ['live 0', '1', '2'],
      ['live 0', '1', '2'],
    ]);
    expect([gone.story(circle), gone.story(general)]).toEqual([
      ['live 0', '1', 'end removed'],
      ['live 0', '1', 'end removed'],
    ]);
    expect(gone.ends.map(({ s, state }) => [s, state.name])).toEqual([
      [circle, 'over'],
      [general, 'over'],
    ]);
  },
);

test('of one commit with a removal in its middle, what comes before it is still sent [W11]', async () => {
  const { log, watch } = await hubStage();
  const [gone, stays] = [new Viewer(1), new Viewer(2)];
  for (const viewer of [gone, stays]) await watch(viewer, circle);
  const renamed = stamped('circle-updated', { name: 'Tea' });
  log.record(circleNumber(1), [renamed, removed(1), renamed]);
  await until(() => stays.numbers(circle).length === 3);
  expect(gone.story(circle)).toEqual(['live 0', '1', 'end removed']);
});

test('the same holds for somebody slow who reads it from the log [W11]', async () => {
  const { log, watch } = await hubStage();
  const slow = new Viewer(1);
  await watch(slow, circle);
  slow.stall();
  const renamed = stamped('circle-updated', { name: 'Tea' });
  const rename = (times: number) => {
    for (let left = times; left > 0; left--) log.record(circleNumber(1), [renamed]);
  };
  rename(20);
  log.record(circleNumber(1), [renamed, removed(1), renamed]);
  rename(300);
  slow.flow();
  await until(() => slow.ends.length === 1);
  const story = slow.story(circle);
  expect([story.length, story.at(-2), story.at(-1)]).toEqual([23, '21', 'end removed']);
});

test('somebody slow is sent all from before the removal when they flow again, then end [W11]', async () => {
  const { log, watch } = await hubStage();
  const slow = new Viewer(1);
  await watch(slow, general);
  await settle();
  slow.stall();
  for (let id = 1; id <= 600; id++) log.record(streamNumber(1), [posted(id)]);
  log.record(circleNumber(1), [removed(1)]);
  for (let id = 1; id <= 600; id++) log.record(streamNumber(1), [posted(id)]);
  await settle();
  slow.flow();
  await until(() => slow.ends.length === 1);
  const story = slow.story(general);
  expect([story[0], story.length, story.at(-2), story.at(-1)]).toEqual([
    'live 0',
    602,
    '600',
    'end removed',
  ]);
});

test('who comes back after a removal is not cut off from what is new [W11]', async () => {
  const { log, watch } = await hubStage();
  const viewer = new Viewer(1);
  await watch(viewer, general);
  log.record(circleNumber(1), [removed(1)]);
  log.record(circleNumber(1), [stamped('member-joined', { user: numbered(1) })]);
  await watch(viewer, general);
  log.record(streamNumber(1), [posted(1)]);
  await until(() => viewer.story(general).length === 4);
  expect(viewer.story(general)).toEqual(['live 0', 'end removed', 'live 0', '1']);
});

test('a removal ends what is only being opened, before it has begun [W11]', async () => {
  const { log, open } = await hubStage();
  const viewer = new Viewer(1);
  log.record(streamNumber(1), [posted(1)]);
  const subscription = await open(viewer, general);
  log.record(circleNumber(1), [removed(1)]);
  log.record(streamNumber(1), [posted(2)]);
  expect(subscription.state).toMatchObject({ end: { upTo: 1, code: 'removed' } });
  subscription.topic.follow(subscription, 0);
  await until(() => viewer.ends.length === 1);
  expect(viewer.story(general)).toEqual(['1', 'end removed']);
});

test('when a circle is deleted everybody gets end on everything of it, and nothing else ends [W11]', async () => {
  const { log, watch } = await hubStage();
  const viewers = [new Viewer(1), new Viewer(2)];
  const elsewhere = `${numbered(3)}/${numbered(3)}`;
  for (const viewer of viewers) {
    for (const s of [circle, general, news, elsewhere, 'me']) await watch(viewer, s);
  }
  log.record(newsStream, [posted(1)]);
  log.record(circleNumber(1), [stamped('circle-deleted', {})]);
  log.record(streamNumber(3), [posted(1)]);
  for (const viewer of viewers) {
    await until(() => viewer.numbers(elsewhere).length === 1);
    expect(viewer.story(circle)).toEqual(['live 0', 'end deleted']);
    expect(viewer.story(general)).toEqual(['live 0', 'end deleted']);
    expect(viewer.story(news)).toEqual(['live 0', '1', 'end deleted']);
    expect(viewer.story(elsewhere)).toEqual(['live 0', '1']);
    expect(viewer.story('me')).toEqual(['live 0']);
  }
});

test.for([
  ['the one that has the circle’s own id', circle, general, news],
  ['another', numbered(2), news, general],
] as const)('when a stream is deleted, %s, it alone ends [W11]', async ([, id, ending, going]) => {
  const { log, watch } = await hubStage();
  const viewer = new Viewer(1);
  for (const s of [circle, general, news]) await watch(viewer, s);
  log.record(circleNumber(1), [stamped('stream-deleted', { id })]);
  log.record(newsStream, [posted(1)]);
  log.record(streamNumber(1), [posted(1)]);
  await until(() => viewer.numbers(going).length === 1);
  await until(() => viewer.numbers(circle).length === 1);
  expect(viewer.story(circle)).toEqual(['live 0', '1']);
  expect(viewer.story(ending)).toEqual(['live 0', 'end deleted']);
  expect(viewer.story(going)).toEqual(['live 0', '1']);
});
