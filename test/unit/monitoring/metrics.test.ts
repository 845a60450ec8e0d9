import { expect, test } from 'vitest';
import { createMetrics, type Siblings } from '../../../src/monitoring/metrics.ts';

test('what only grows is a counter named _total, and is read anew at each request', async () => {
  const metrics = createMetrics();
  let value = 2;
  metrics.follow(new Proxy({}, { get: () => () => value }) as never);
  const linesOf = async () => (await metrics.text()).split('\n');
  const types = (await linesOf()).flatMap((line) => {
    const [, name = '', type] = /^# TYPE (\S+) (counter|gauge)$/.exec(line) ?? [];
    return type === undefined ? [] : [[name.endsWith('_total'), type]];
  });
  expect(types.length).toBeGreaterThan(10);
  expect(types.filter(([isTotal, type]) => isTotal !== (type === 'counter'))).toEqual([]);
  expect(await linesOf()).toContain('oshi_hub_events_total 2');
  value = 5;
  expect(await linesOf()).toContain('oshi_hub_events_total 5');
  expect(await linesOf()).toContain('oshi_connections 5');
});

test('of several processes each value has the label of its own, under one description', async () => {
  const own: Parameters<Siblings['answer']>[0][] = [];
  const siblings: Siblings = {
    answer: (metrics) => void own.push(metrics),
    all: () =>
      Promise.all(own.map(async (read, at) => ({ worker: `${at + 1}`, metrics: await read() }))),
  };
  const [one, two] = [createMetrics(siblings), createMetrics(siblings)];
  for (const [at, each] of [one, two].entries()) {
    each.follow(new Proxy({}, { get: () => () => (at === 0 ? Number.NaN : 7) }) as never);
    each.onAppended(at + 1, 3);
    each.onDropped(1001);
  }
  const lines = (await two.text()).split('\n');
  expect(await one.text()).toBe(lines.join('\n'));
  expect(lines.filter((line) => /oshi_(connections|dropped|events_app)/.test(line))).toEqual([
    '# HELP oshi_events_appended_total Events appended to the log by this node',
    '# TYPE oshi_events_appended_total counter',
    'oshi_events_appended_total{worker="1"} 1',
    'oshi_events_appended_total{worker="2"} 2',
    '# HELP oshi_dropped_total Connections that the server closed, by close code',
    '# TYPE oshi_dropped_total counter',
    'oshi_dropped_total{code="1001",worker="1"} 1',
    'oshi_dropped_total{code="1001",worker="2"} 1',
    '# HELP oshi_connections Open WebSocket connections',
    '# TYPE oshi_connections gauge',
    'oshi_connections{worker="1"} Nan',
    'oshi_connections{worker="2"} 7',
  ]);
  expect(lines).toContain('oshi_append_seconds_bucket{le="0.005",worker="2"} 1');
});
