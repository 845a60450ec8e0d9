import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../tools/servers/place.ts';
import { startServer } from '../../tools/servers/server-process.ts';
import { until } from '../support/checkers/waiting.ts';
import { checker, kitText } from '../support/fixtures/deploy-kit.ts';
import { makeCircle, post, register } from '../support/fixtures/server-people.ts';
import { TestSocket } from '../support/fixtures/server-socket.ts';
import { openStage } from '../support/fixtures/server-stage.ts';

const prometheus = await checker('prometheus');

const dashboards = ['users-and-posts', 'log-hub-projections'];

type Panel = {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly fieldConfig: { readonly defaults: { readonly unit: string } };
  readonly targets: readonly { readonly expr: string }[];
};

const panelsOf = (dashboard: string): readonly Panel[] =>
  JSON.parse(kitText(`grafana/${dashboard}.json`)).panels;

const unitsOfGrafana = new Set(['short', 's', 'eps', 'cps']);

test.each(dashboards)('%s: each panel has a place, a unit and an explanation', (dashboard) => {
  const cells = new Set<string>();
  const panels = panelsOf(dashboard);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  for (const { title, description, gridPos, fieldConfig } of panels) {
    const { x, y, w, h } = gridPos;
    const { unit } = fieldConfig.defaults;
    expect(x + w, title).toBeLessThanOrEqual(24);
    expect(unitsOfGrafana.has(unit), `${title}: ${unit}`).toBe(true);
    expect(description, title).toMatch(/\.$/);
    for (let cell = 0; cell < w * h; cell++) {
      const at = `${x + (cell % w)},${y + Math.floor(cell / w)}`;
      expect(cells.has(at), `${title} covers another panel`).toBe(false);
      cells.add(at);
    }
  }
});

const stage = await openStage('embedded');
afterAll(() => stage.close());

/** Does what each metric counts: a post, a subscription, and a connection that the server closes. */
const makeTraffic = async (url: string): Promise<() => void> => {
  const ann = await register(url);
  const circle = await makeCircle(ann);
  const socket = await TestSocket.greet(url, ann);
  const wrong = await TestSocket.open(url);
  wrong.socket.send('no frame');
  await wrong.closed;
  await post(ann, circle, { text: 'counted' });
  return () => socket.socket.close();
};

/** A Prometheus that scrapes this server once a second, as the job of the kit does. */
const startPrometheus = async (url: string) => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-prometheus-'));
  const { scrape_configs: jobs } = parse(kitText('prometheus/prometheus.yml'));
  const [job] = jobs as { job_name: string; static_configs: unknown }[];
  expect(job?.job_name).toBe('oshi');
  const scraped = { ...job, static_configs: [{ targets: [new URL(url).host] }] };
  const config = { global: { scrape_interval: '1s' }, scrape_configs: [scraped] };
  const file = join(dir, 'prometheus.yml');
  await writeFile(file, JSON.stringify(config));
  const port = await freePort();
  return await startServer({
    ...{ name: 'prometheus', program: prometheus, dir, dirIsTemporary: true, port },
    args: [
      ...[`--config.file=${file}`, `--storage.tsdb.path=${join(dir, 'data')}`],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    url: `http://127.0.0.1:${port}`,
  });
};

type Result = { readonly status: string; readonly data?: { readonly result: readonly unknown[] } };

const queryOn =
  (url: string) =>
  async (expr: string): Promise<Result> => {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expr)}`);
    // It answers 503 while it starts.
    return answer.ok ? ((await answer.json()) as Result) : { status: answer.statusText };
  };

/** What Grafana puts into a query. */
const filledIn = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.+');

test.skipIf(prometheus === '')(
  'each query of the dashboards and of the rules is answered from a scrape of this server',
  async () => {
    const { url } = await stage.server();
    const end = await makeTraffic(url);
    const server = await startPrometheus(url);
    try {
      const query = queryOn(server.url);
      const isScrapedTwice = async (): Promise<boolean> =>
        ((await query('rate(oshi_connections[1m])')).data?.result.length ?? 0) > 0;
      await until(isScrapedTwice, 'a second scrape');
      for (const { title, targets } of dashboards.flatMap(panelsOf)) {
        for (const { expr } of targets) {
          const { status, data } = await query(filledIn(expr));
          expect({ title, expr, status, isEmpty: data?.result.length === 0 }).toEqual({
            ...{ title, expr, status: 'success', isEmpty: false },
          });
        }
      }
      const names = kitText('prometheus/rules.yml').match(/\boshi_\w+/g) ?? [];
      expect(names.length).toBeGreaterThan(4);
      for (const name of names) {
        expect((await query(name)).data?.result, name).toHaveLength(
          name.endsWith('_bucket') ? 12 : 1,
        );
      }
    } finally {
      end();
      await server.stop();
    }
  },
);
