import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { limits as domainLimits } from '../../src/actors/limits.ts';
import * as field from '../../src/app/fields.ts';
import { limits as wireLimits } from '../../src/app/limits/limits.ts';
import { errors } from '../../src/app/refusals.ts';
import { configOf, variables } from '../../src/config.ts';
import { circleAggregate } from '../../src/events/aggregate.ts';
import { commitBytesMax, commitEventsMax } from '../../src/events/commit.ts';
import type { CircleId } from '../../src/events/ids.ts';
import { kindsOf } from '../../src/events/kinds/kinds.ts';
import { loadProjection } from '../../src/hosting/module.ts';
import { closes } from '../../src/http/socket/close-codes.ts';
import { createMetrics } from '../../src/monitoring/metrics.ts';
import {
  collectionOf,
  type ProjectedEvent,
  type Projection,
} from '../../src/projections/projection.ts';
import { builtIn, stateCollections } from '../../src/projections/read-models.ts';
import type { Write } from '../../src/store/documents.ts';
import { applyWrite } from '../../src/store/update.ts';
import { findingCodes } from '../../src/verification/findings.ts';
import { withEventTables } from '../../tools/docs/event-tables.ts';
import { executorAlone, serverWithRoutes } from '../support/fixtures/server-routes.ts';

const root = resolve(import.meta.dirname, '../..');
const page = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The text from a heading to the next one of its level or above. */
const section = (text: string, heading: string): string => {
  const lines = text.split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`there is no "${heading}"`);
  const level = heading.indexOf(' ');
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return rest.slice(0, end < 0 ? rest.length : end).join('\n');
};

/** The rows of all tables in a text, without their heads, each as its cells. */
const rows = (text: string): string[][] => {
  const found: string[][] = [];
  let isHead = true;
  for (const line of text.split('\n')) {
    if (!line.startsWith('|')) isHead = true;
    else if (/^\|[-|]+\|$/.test(line)) isHead = false;
    else if (!isHead) found.push(cellsOf(line));
  }
  return found;
};

const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

/** What stands between backticks. */
const spans = (text = ''): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);

const configuration = page('docs/configuration.md');
const protocol = page('docs/protocol.md');
const events = page('docs/events.md');
const readModels = page('docs/read-models.md');
const projectionsPage = page('docs/projections.md');

type Schema = {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly 'x-personal'?: boolean;
  readonly 'x-time'?: boolean;
};

describe('docs/configuration.md', () => {
  it('names every variable with its default', () => {
    const table = rows(section(configuration, '## Variables')).filter(
      ([name = '']) => !name.includes('='),
    );
    expect(table.map(([name]) => name)).toEqual(variables.map((name) => `\`${name}\``));
    const written = Object.fromEntries(
      table.map(([name = '', value = '']) => [spans(name)[0], spans(value)[0] ?? '']),
    );
    expect(configOf(written)).toEqual(configOf({}));
    expect(written).toMatchObject({
      OSHI_HOST: '127.0.0.1',
      OSHI_PORT: '8080',
      OSHI_DATA_DIR: 'data',
    });
  });

  it('quotes the errors of invalid settings', () => {
    const table = rows(section(configuration, '## Variables')).filter(([set = '']) =>
      set.includes('='),
    );
    expect(table.length).toBeGreaterThan(5);
    for (const [set = '', message] of table) {
      const [name = '', value] = (spans(set)[0] ?? '').split(/=(.*)/);
      expect(() => configOf({ [name]: value }), name).toThrow(message);
    }
  });

  it.each([
    ['### Protocol limits', wireLimits],
    ['### Domain limits', domainLimits],
    ['### Log limits', { commitEventsMax, commitBytesMax }],
  ])('%s: names each with its value', (heading, limits) => {
    const table = rows(section(configuration, heading));
    const written = table.map(([name, value]) => [spans(name)[0], Number(value)]);
    expect(written).toEqual(Object.entries(limits));
  });

  it('names all metrics', async () => {
    const metrics = createMetrics();
    metrics.follow(new Proxy({}, { get: () => () => 0 }) as never);
    const known = [...(await metrics.text()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    const written = rows(section(configuration, '## Monitoring')).map(([name]) => spans(name)[0]);
    expect(written.toSorted()).toEqual(known.toSorted());
  });
});

describe('docs/security.md', () => {
  const known: Readonly<Record<string, number>> = { ...wireLimits, ...domainLimits };
  const named = [...page('docs/security.md').matchAll(/`(\w+)` = (\d+)/g)];

  it('gives limits with their values', () => {
    expect(named.length).toBeGreaterThan(30);
    const wrong = named.filter(([, name = '', value]) => known[name] !== Number(value));
    expect(wrong.map(([text]) => text)).toEqual([]);
  });
});

/** A page for people, which is itself the description. */
const docsPage = 'GET /docs';

/** The methods and paths of the protocol that the server has, the parameters without their names. */
const routesOf = async (): Promise<string[]> => {
  const { app, routes } = await serverWithRoutes();
  await app.close();
  const shown = routes.filter(({ isHidden }) => !isHidden);
  const known = shown.map(({ method, url }) => `${method} ${url.replace(/:\w+/g, '{}')}`);
  return [...new Set([...known, docsPage])];
};

describe('docs/protocol.md', () => {
  const table = rows(section(protocol, '### Routes and operations'));
  const route = (cell = ''): string => (spans(cell)[0] ?? '').replace(/\{\w+\}/g, '{}');

  it('lists the routes of this version, and those that come later', async () => {
    const known = await routesOf();
    const here = table.filter(([when]) => when === 'yes').map(([, cell]) => route(cell));
    const later = table.filter(([when]) => when === 'later').map(([, cell]) => route(cell));
    expect(here.toSorted()).toEqual(known.toSorted());
    expect(later.filter((each) => known.includes(each))).toEqual([]);
    expect(here.length + later.length).toBe(table.length);
  });

  it('lists the operations of this version, and those that come later', async () => {
    const executor = executorAlone();
    const operations = table.filter(([, , op = '']) => op.startsWith('`'));
    for (const [when, , op] of operations) {
      const answer = executor.execute({ caller: {} as never, op: spans(op)[0] ?? '', input: 0 });
      await expect(answer, op).rejects.toThrow(when === 'yes' ? 'bad-request' : 'unsupported');
    }
    expect(operations.filter(([when]) => when === 'yes')).toHaveLength(22);
  });

  it('names every error code with its status', () => {
    const written = rows(section(protocol, '## Error codes')).map(([code, status]) => [
      spans(code)[0],
      Number(status),
    ]);
    expect(written).toEqual(Object.entries(errors).map(([code, { status }]) => [code, status]));
  });

  it('names every close code, and whether to reconnect [W15]', () => {
    const written = rows(section(protocol, '### Close codes'));
    expect(written.map(([code]) => Number(spans(code)[0]))).toEqual([
      ...new Set(Object.values(closes).map(({ code }) => code)),
    ]);
    for (const [code, , answer] of written) {
      expect(answer === 'yes', code).toBe(Number(spans(code)[0]) >= 4500);
    }
  });

  it('gives the limits of the answer to hello [W2]', () => {
    const { frameBytesMax, subscriptionsMax, unansweredMax, commandsBurst } = wireLimits;
    const { commandsPerSecond, signalsPerSecond, pageMax } = wireLimits;
    const commands = `commands: { burst: ${commandsBurst}, perSecond: ${commandsPerSecond} }`;
    expect(protocol).toContain(
      `{ frame: ${frameBytesMax}, subscriptions: ${subscriptionsMax}, unanswered: ${unansweredMax}, ` +
        `${commands}, signals: ${signalsPerSecond}, text: ${configOf({}).messageMax}, page: ${pageMax} }`,
    );
  });

  it('gives the lengths of input fields', () => {
    const schemas = {
      username: field.Username,
      password: field.passwordLength,
      displayName: field.DisplayName,
      avatar: field.Avatar,
      about: field.About,
      'circle name': field.CircleName,
      'circle about': field.About,
      nickname: field.Nickname,
      'stream name': field.StreamName,
      'stream topic': field.Topic,
      'message text': field.MessageText(configOf({}).messageMax),
    };
    const known = Object.entries(schemas).map(([name, schema]) => {
      const { minLength, maxLength } = schema as { minLength?: number; maxLength?: number };
      return [`\`${name}\``, `${minLength}`, `${maxLength}`];
    });
    expect(rows(section(protocol, '## Sizes'))).toEqual(known);
  });

  it('holds the rules W1 to W18 and H1 to H7, each once', () => {
    const numbers = [...protocol.matchAll(/^- \*\*([WH]\d+)\*\* /gm)].map(([, number]) => number);
    const counted = (letter: string, length: number) =>
      Array.from({ length }, (_, index) => `${letter}${index + 1}`);
    expect(numbers).toEqual([...counted('W', 18), ...counted('H', 7)]);
  });
});

describe('docs/events.md', () => {
  it('has the tables generated by npm run docs', () => {
    expect(withEventTables(events), 'run npm run docs').toBe(events);
    const marks = [...events.matchAll(/^<!-- events of a (\w+), by npm run docs -->$/gm)];
    expect(marks.map(([, aggregate]) => aggregate)).toEqual(Object.keys(kindsOf));
  });

  it('quotes the upcasters', () => {
    const source = page('src/events/upcasters.ts').replace(/^ +/gm, '');
    const blocks = [...section(events, '## Event versions').matchAll(/```ts\n(.*?)```/gs)];
    expect(blocks).toHaveLength(2);
    for (const [, block = ''] of blocks) expect(source).toContain(block.replace(/^ +/gm, ''));
  });
});

const typeOf = ({ type, anyOf, items, 'x-time': isTime }: Schema): string => {
  if (isTime) return 'date';
  if (anyOf) return anyOf.map((each) => `\`${each.const}\``).join(' or ');
  return items ? `${type} of ${items.type}` : `${type}`;
};

describe('docs/read-models.md', () => {
  const indexesIn = (text: string): string[] =>
    spans(/^Indexes: (.*)$/m.exec(text)?.[1]).filter((span) => span !== '_id');
  const written = (index: object): string =>
    `{ ${Object.entries(index)
      .map(([name, order]) => `${name}: ${order}`)
      .join(', ')} }`;

  it.each(builtIn.map((each) => [collectionOf(each), each] as const))(
    '%s: every field with its type, and the indexes',
    (name, { schema, indexes }) => {
      const text = section(readModels, `### \`${name}\``);
      const { properties = {}, required = [] } = schema as Schema;
      const known = Object.entries(properties).map(([field, each]) => [
        `\`${field}\``,
        typeOf(each),
        required.includes(field) ? 'yes' : '',
      ]);
      expect(rows(text).map((cells) => cells.slice(0, 3))).toEqual(known);
      expect(indexesIn(text)).toEqual(indexes.map(written));
    },
  );

  it('describes the collections of state with their indexes, and no others', () => {
    for (const { name, indexes } of stateCollections) {
      expect(indexesIn(section(readModels, `### \`${name}\``)), name).toEqual(indexes.map(written));
    }
    const headings = [...readModels.matchAll(/^### `(.*)`$/gm)].map(([, name]) => name);
    const known = [...builtIn.map(collectionOf), ...stateCollections.map(({ name }) => name)];
    expect(headings.toSorted()).toEqual(known.toSorted());
  });
});

describe('docs/verify.md', () => {
  it('names every code of a finding', () => {
    const table = rows(section(page('docs/verify.md'), '## Findings'));
    const known = Object.values(findingCodes).flat();
    expect(table.map(([code]) => spans(code)[0])).toEqual(known);
  });
});

describe('docs/projections.md and examples/leaderboard.js', () => {
  it('contains the example', () => {
    const source = page('examples/leaderboard.js');
    expect(projectionsPage).toContain(source.slice(source.indexOf('/**\n * Adds to')));
  });

  it('counts the posts and reactions of each user in each circle', async () => {
    const { on } = (await loadProjection(join(root, 'examples/leaderboard.js'))) as Projection;
    const circle = '019a0000-0000-7000-8000-000000000001';
    const context = { aggregate: circleAggregate(circle as CircleId), id: circle, circle };
    const done = [
      ...(['message-posted', 'reaction-added', 'message-posted'] as const),
      ...(['reaction-added', 'reaction-removed', 'message-posted'] as const),
    ];
    const writes = done.flatMap((k, index) => {
      const event = { k, by: 'ada', at: 100 - index } as ProjectedEvent;
      return (on[k] as (event: ProjectedEvent, where: typeof context) => Write[])(event, context);
    });
    const document = writes.reduce(applyWrite, undefined as Parameters<typeof applyWrite>[0]);
    expect(document).toEqual({
      ...{ _id: `${circle}/ada`, circle, user: 'ada', messages: 3, reactions: 1, lastAt: 100 },
    });
  });
});

describe('the links of the documentation', () => {
  const pages = ['README.md', 'CHANGELOG.md']
    .concat(readdirSync(join(root, 'docs'), { recursive: true }).map((name) => `docs/${name}`))
    .filter((name) => name.endsWith('.md'));
  const anchor = (heading: string): string =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');

  it.each(pages)('%s: resolve', (name) => {
    const links = [...page(name).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)]+))?\)/g)];
    for (const [link, path = '', target] of links) {
      const file = path === '' ? name : join(dirname(name), path);
      expect(existsSync(join(root, file)), link).toBe(true);
      if (target === undefined) continue;
      const headings = [...page(file).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchor(text));
      expect(headings, link).toContain(target);
    }
  });
});
