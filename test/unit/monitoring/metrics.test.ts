import { expect, test } from 'vitest';
import { createMetrics } from '../../../src/monitoring/metrics.ts';

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
