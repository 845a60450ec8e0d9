import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ESTree, parseSync, Visitor } from 'vite';

const root = resolve(import.meta.dirname, '../../..');

/** A regular expression of the source, and where it first stands. */
export type FoundRegex = {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
};

export type Regexes = {
  /** Each once: literals, and the texts of `pattern:` in schemas. */
  readonly found: readonly FoundRegex[];
  /** Places where one is put together when the program runs, so that nothing can be said of it here. */
  readonly dynamic: readonly string[];
};

type Call = ESTree.CallExpression | ESTree.NewExpression;

/** `RegExp(…)`, or a method that makes a regular expression of a text. */
const buildsRegex = ({ callee, arguments: [first] }: Call): boolean => {
  if (callee.type === 'Identifier') return callee.name === 'RegExp';
  if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return false;
  const isText = first?.type === 'TemplateLiteral' || typeof Object(first).value === 'string';
  return isText && ['match', 'matchAll', 'search'].includes(callee.property.name);
};

/** The regular expressions of a file, by its syntax. */
export const regexesIn = (path: string, text: string): Regexes => {
  const found: FoundRegex[] = [];
  const dynamic: string[] = [];
  const placeOf = ({ start }: ESTree.Span): string =>
    `${path}:${text.slice(0, start).split('\n').length}`;
  const look = (call: Call): void => {
    if (buildsRegex(call)) dynamic.push(placeOf(call));
  };
  new Visitor({
    Literal: (node) => {
      if (!('regex' in node)) return;
      const { pattern: source, flags } = node.regex;
      found.push({ place: placeOf(node), source, flags });
    },
    Property: (node) => {
      const { key, value } = node;
      if (key.type !== 'Identifier' || key.name !== 'pattern') return;
      if (value.type === 'Literal' && typeof value.value === 'string')
        found.push({ place: placeOf(node), source: value.value, flags: 'u' });
    },
    CallExpression: look,
    NewExpression: look,
  }).visit(parseSync(path, text).program);
  return { found, dynamic };
};

/** The regular expressions of all files below some folders of the project. */
export const regexesBelow = (folders: readonly string[]): Regexes => {
  const all = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => join(folder, path))
      .map((path) => regexesIn(path, readFileSync(join(root, path), 'utf8'))),
  );
  const found = new Map<string, FoundRegex>();
  for (const regex of all.flatMap((each) => each.found)) {
    const key = `/${regex.source}/${regex.flags}`;
    if (!found.has(key)) found.set(key, regex);
  }
  return { found: [...found.values()], dynamic: all.flatMap(({ dynamic }) => dynamic) };
};
