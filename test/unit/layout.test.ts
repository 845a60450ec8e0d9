import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const linesMax = 300;

/** What each room may import: other rooms of `src/`, and packages by how their names begin. */
const rooms: Readonly<Record<string, { readonly rooms: string[]; readonly packages: string[] }>> = {
  text: {
    rooms: [],
    packages: ['micromark', 'micromark-core-commonmark', 'micromark-util-types'],
  },
  events: { rooms: [], packages: ['@nats-io/', 'lmdb', 'typebox', 'node:'] },
  actors: { rooms: ['events', 'text'], packages: ['xstate', 'node:'] },
  projections: {
    rooms: ['events', 'text'],
    packages: ['mongodb', 'mingo', 'lmdb', 'typebox', 'node:'],
  },
  http: {
    rooms: ['events', 'actors', 'projections', 'history', 'text'],
    packages: ['fastify', '@fastify/', '@node-rs/argon2', 'prom-client', 'typebox', 'node:'],
  },
  audit: { rooms: ['events', 'projections'], packages: ['node:'] },
  history: {
    rooms: ['events', 'projections', 'text'],
    packages: ['csv-stringify', 'fastest-levenshtein', 'typebox', 'node:'],
  },
  hosting: { rooms: ['events', 'projections'], packages: ['fastest-levenshtein', 'node:'] },
  client: { rooms: [], packages: [] },
  cli: {
    rooms: [
      ...['cli/chat', 'events', 'actors', 'projections', 'http', 'audit', 'history', 'hosting'],
      'text',
    ],
    packages: [
      'commander',
      'cli-progress',
      'fastest-levenshtein',
      'log-update',
      'pino',
      'string-width',
      'node:',
    ],
  },
  // A client as anybody could write it: of the rest it imports what draws on a terminal.
  'cli/chat': { rooms: ['client', 'cli', 'text'], packages: ['ws', 'node:'] },
  '': {
    rooms: ['events', 'actors', 'projections', 'http', 'audit', 'history', 'hosting'],
    packages: ['fastest-levenshtein', 'pino', 'node:'],
  },
};

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort();

const textOf = (path: string): string => readFileSync(join(root, 'src', path), 'utf8');

/** The room of a file in `src/`; empty for what stands beside the rooms. */
const roomOf = (path: string): string => {
  if (path.startsWith('cli/chat/')) return 'cli/chat';
  return path.includes('/') ? (path.split('/')[0] ?? '') : '';
};

const importsOf = (text: string): string[] =>
  [
    ...text.matchAll(/(?:^|\n)(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\(?\s*'([^']+)'/g),
  ].map(([, from, bare]) => from ?? bare ?? '');

/** Why a file may not import something; undefined if it may. */
const wrongImport = (path: string, imported: string): string | undefined => {
  const room = roomOf(path);
  const allowed = rooms[room];
  if (!allowed) return `${path} is in a room that nobody knows`;
  if (!imported.startsWith('.')) {
    const known = allowed.packages.some(
      (begin) =>
        imported === begin || imported.startsWith(/[/:]$/.test(begin) ? begin : `${begin}/`),
    );
    return known ? undefined : `${path} imports ${imported}`;
  }
  const target = relative(join(root, 'src'), resolve(root, 'src', dirname(path), imported));
  const targetRoom = roomOf(target);
  const isOwn = targetRoom === room;
  const isBeside = targetRoom === '' && ['cli', 'cli/chat', 'hosting'].includes(room);
  return isOwn || isBeside || allowed.rooms.includes(targetRoom)
    ? undefined
    : `${path} imports ${target}`;
};

test(`no file of src/ has more than ${linesMax} lines`, () => {
  expect(files.length).toBeGreaterThan(100);
  const long = files.filter((path) => textOf(path).trimEnd().split('\n').length > linesMax);
  expect(long).toEqual([]);
});

test('nothing in src/ is left to be done later', () => {
  const marks = new RegExp(`\\b(${['TO', 'DO'].join('')}|FIXME|XXX|HACK)\\b`);
  expect(files.filter((path) => marks.test(textOf(path)))).toEqual([]);
});

test('every room imports what it may, and nothing else', () => {
  const wrong = files.flatMap((path) =>
    importsOf(textOf(path)).flatMap((imported) => wrongImport(path, imported) ?? []),
  );
  expect(wrong).toEqual([]);
});

test('oshi chat imports of the client what the package offers, and of the program what draws on a terminal', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, object>;
  };
  const offered = Object.keys(exports).map((name) =>
    name === './client' ? '../../client/client.ts' : `../../${name.slice(2)}.ts`,
  );
  const terminal = ['../colours.ts', '../columns.ts', '../shown.ts', '../../config.ts'];
  const imports = files
    .filter((path) => path.startsWith('cli/chat/'))
    .flatMap((path) => importsOf(textOf(path)).filter((imported) => imported.startsWith('../')));
  expect(imports.length).toBeGreaterThan(10);
  const others = imports.filter((each) => !each.startsWith('../../text/'));
  expect(others.filter((each) => ![...offered, ...terminal].includes(each))).toEqual([]);
});

test('the table of imports tells right from wrong', () => {
  expect(wrongImport('actors/a.ts', '../events/ids.ts')).toBeUndefined();
  expect(wrongImport('actors/circle/a.ts', '../b.ts')).toBeUndefined();
  expect(wrongImport('http/hub/a.ts', '../../actors/b.ts')).toBeUndefined();
  expect(wrongImport('cli/a.ts', '../main.ts')).toBeUndefined();
  for (const [path, imported] of [
    ['actors/a.ts', '../projections/store.ts'],
    ['actors/a.ts', '../main.ts'],
    ['actors/circle/a.ts', '../../http/b.ts'],
    ['actors/a.ts', 'xstatelike'],
    ['client/a.ts', 'node:crypto'],
    ['client/a.ts', '../events/ids.ts'],
    ['main.ts', 'xstate'],
    ['new-room/a.ts', './b.ts'],
  ] as const) {
    expect(wrongImport(path, imported), `${path} ${imported}`).toBeDefined();
  }
  const text =
    "import a from 'a';\nimport {\n  b,\n} from './b.ts';\nimport 'c';\nawait import('d');\nexport { e } from 'e';";
  expect(importsOf(text)).toEqual(['a', './b.ts', 'c', 'd', 'e']);
});

/** Imports that the linter must refuse, each in a file of its own. */
const refused: readonly (readonly [room: string, imported: string])[] = [
  ...['actors', 'projections', 'http', 'client'].map(
    (other) => ['events', `../${other}/x.ts`] as const,
  ),
  ...['projections', 'http', 'client'].map((other) => ['actors', `../${other}/x.ts`] as const),
  ...['actors', 'http', 'client'].map((other) => ['projections', `../${other}/x.ts`] as const),
  ...['events', 'actors', 'projections', 'http'].map(
    (other) => ['client', `../${other}/x.ts`] as const,
  ),
  ...['events', 'actors', 'projections', 'http', 'client'].map(
    (other) => [other, '../audit/x.ts'] as const,
  ),
  ...['actors', 'http', 'client'].map((other) => ['audit', `../${other}/x.ts`] as const),
  ['audit', 'lmdb'],
  ['http', '../client/x.ts'],
  ['events', 'xstate'],
  ['actors', 'mongodb'],
  ['actors', '@nats-io/kv'],
  ['projections', 'fastify'],
  ['projections', '@nats-io/jetstream'],
  ['http', 'lmdb'],
  ['http', 'mongodb'],
  ['client', 'node:crypto'],
];

const accepted: typeof refused = [
  ['actors', '../events/x.ts'],
  ['projections', '../events/x.ts'],
  ['http', '../actors/x.ts'],
  ['audit', '../projections/x.ts'],
  ['events', 'lmdb'],
  ['actors', 'xstate'],
];

test('a wrong import fails the linter', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oshi-imports-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  for (const [index, [room, imported]] of [...refused, ...accepted].entries()) {
    mkdirSync(join(folder, 'src', room), { recursive: true });
    writeFileSync(
      join(folder, 'src', room, `file-${index}.ts`),
      `import { x } from '${imported}';\n\nexport const y = x;\n`,
    );
  }
  const lint = [
    'lint',
    '--only=style/noRestrictedImports',
    '--reporter=json',
    '--max-diagnostics=none',
    '.',
  ];
  let said = '';
  try {
    said = execFileSync(join(root, 'node_modules/.bin/biome'), lint, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    said = (error as { stdout: string }).stdout;
  }
  const { diagnostics } = JSON.parse(said) as { diagnostics: { location: { path: string } }[] };
  const found = new Set(
    diagnostics.map(({ location }) => Number(/file-(\d+)/.exec(location.path)?.[1])),
  );
  expect(refused.filter((_, index) => !found.has(index))).toEqual([]);
  expect(accepted.filter((_, index) => found.has(refused.length + index))).toEqual([]);
});
