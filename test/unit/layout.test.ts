import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { modulesOf, withModuleDiagram } from '../../tools/docs/modules.ts';

const root = resolve(import.meta.dirname, '../..');
const linesMax = 300;
const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

const codeIn = (text: string): string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

const modules = modulesOf(architecture);

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .sort();

const textOf = (path: string): string => readFileSync(join(root, 'src', path), 'utf8');

/** The module of a file: the longest row of the table that it is in. */
const moduleOf = (path: string): string | undefined =>
  [...modules.keys()]
    .filter((name) => path === name || path.startsWith(`${name}/`))
    .sort((one, other) => other.length - one.length)[0];

const importsOf = (text: string): string[] =>
  [
    ...text.matchAll(/(?:^|\n)(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\(?\s*'([^']+)'/g),
  ].map(([, from, bare]) => from ?? bare ?? '');

const isPackage = (imported: string, begin: string): boolean =>
  imported === begin || imported.startsWith(/[/:]$/.test(begin) ? begin : `${begin}/`);

const targetOf = (path: string, imported: string): string =>
  relative(join(root, 'src'), resolve(root, 'src', dirname(path), imported));

/** Why a file may not import something; undefined if it may. */
const wrongImport = (path: string, imported: string): string | undefined => {
  const module = moduleOf(path);
  const allowed = module === undefined ? undefined : modules.get(module);
  if (!allowed) return `${path} is in no module of the table`;
  if (!imported.startsWith('.')) {
    const isAllowed = allowed.packages.some((begin) => isPackage(imported, begin));
    return isAllowed ? undefined : `${path} imports ${imported}`;
  }
  const target = targetOf(path, imported);
  const other = moduleOf(target);
  if (other === module || (other !== undefined && allowed.modules.includes(other)))
    return undefined;
  return `${path} imports ${target}`;
};

/** Paths that lead from a name back to itself, each once, from where they were found. */
const cyclesIn = (graph: ReadonlyMap<string, readonly string[]>): string[] => {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) cycles.push([...path.slice(path.indexOf(name)), name].join(' → '));
    if (done.has(name) || path.includes(name)) return;
    for (const next of graph.get(name) ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of graph.keys()) visit(name, []);
  return cycles;
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

test('every module imports what the table allows, and nothing else', () => {
  expect(modules.size).toBeGreaterThan(15);
  const wrong = files.flatMap((path) =>
    importsOf(textOf(path)).flatMap((imported) => wrongImport(path, imported) ?? []),
  );
  expect(wrong).toEqual([]);
});

test('the table allows nothing that no file needs', () => {
  const used = new Map([...modules.keys()].map((name) => [name, new Set<string>()]));
  for (const path of files) {
    const set = used.get(moduleOf(path) ?? '');
    for (const imported of importsOf(textOf(path))) {
      set?.add(imported.startsWith('.') ? (moduleOf(targetOf(path, imported)) ?? '') : imported);
    }
  }
  const idle = [...modules].flatMap(([name, allowed]) => {
    const found = [...(used.get(name) ?? [])];
    // What may import everything need not.
    const wanted = allowed.modules.length > 10 ? [] : allowed.modules;
    return [
      ...wanted.filter((each) => !found.includes(each)),
      ...allowed.packages.filter((begin) => !found.some((each) => isPackage(each, begin))),
    ].map((each) => `${name}: ${each}`);
  });
  expect(idle).toEqual([]);
});

test('neither modules nor files import one another in a circle, types included', () => {
  const ofModules = [...modules].map(([name, allowed]) => [name, allowed.modules] as const);
  expect(cyclesIn(new Map(ofModules))).toEqual([]);
  const ofFiles = files.map((path) => {
    const own = importsOf(textOf(path)).filter((imported) => imported.startsWith('.'));
    return [path, own.map((imported) => targetOf(path, imported))] as const;
  });
  expect(cyclesIn(new Map(ofFiles))).toEqual([]);
});

test('the diagram of modules is what npm run docs makes of the table', () => {
  expect(withModuleDiagram(architecture), 'run npm run docs').toBe(architecture);
  expect(architecture).toContain('graph TD');
});

test('every path that docs/architecture.md names is there', () => {
  const prose = architecture.replace(/```.*?```/gs, '');
  const named = codeIn(prose).filter((code) => /^(src|web|test|docs|tools)\//.test(code));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('a module of several files has its entry file inside, under its own name', () => {
  const beside = files.filter((path) =>
    files.some((other) => other.startsWith(`${path.replace(/\.ts$/, '')}/`)),
  );
  expect(beside).toEqual([]);
});

test('oshi chat imports of the client what the package offers', () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, object>;
  };
  const offered = Object.keys(exports).map((name) =>
    name === './client' ? 'client/client.ts' : `${name.slice(2)}.ts`,
  );
  const imports = files
    .filter((path) => path.startsWith('cli/chat/'))
    .flatMap((path) =>
      importsOf(textOf(path))
        .filter((imported) => imported.startsWith('.'))
        .map((imported) => targetOf(path, imported)),
    )
    .filter((target) => target.startsWith('client/'));
  expect(imports.length).toBeGreaterThan(10);
  expect(imports.filter((each) => !offered.includes(each))).toEqual([]);
});

test('the rules tell right from wrong', () => {
  for (const [path, imported] of [
    ['actors/a.ts', '../events/ids.ts'],
    ['actors/circle/a.ts', '../b.ts'],
    ['hub/live/a.ts', '../../app/b.ts'],
    ['cli/a.ts', '../main.ts'],
    ['engine/cluster/a.ts', '@nats-io/kv'],
  ] as const) {
    expect(wrongImport(path, imported), `${path} ${imported}`).toBeUndefined();
  }
  for (const [path, imported] of [
    ['actors/a.ts', '../projections/b.ts'],
    ['actors/a.ts', '../main.ts'],
    ['actors/circle/a.ts', '../../http/b.ts'],
    ['actors/a.ts', 'xstatelike'],
    ['app/a.ts', '../hub/b.ts'],
    ['app/a.ts', 'mongodb'],
    ['client/a.ts', 'node:crypto'],
    ['client/a.ts', '../events/ids.ts'],
    ['main.ts', 'xstate'],
    ['new-module/a.ts', './b.ts'],
  ] as const) {
    expect(wrongImport(path, imported), `${path} ${imported}`).toBeDefined();
  }
  const text =
    "import a from 'a';\nimport {\n  b,\n} from './b.ts';\nimport 'c';\nawait import('d');\nexport { e } from 'e';";
  expect(importsOf(text)).toEqual(['a', './b.ts', 'c', 'd', 'e']);
  const graph = new Map([
    ['a', ['b']],
    ['b', ['c', 'd']],
    ['c', ['a']],
    ['d', []],
  ]);
  expect(cyclesIn(graph)).toEqual(['a → b → c → a']);
});
