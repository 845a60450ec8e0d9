/** What a module may import: other modules, and packages by how their names begin. */
export type Allowed = { readonly modules: readonly string[]; readonly packages: readonly string[] };

const codeIn = (cell = ''): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The table of modules in docs/architecture.md: those in `src/`, by their paths below it. */
export const modulesOf = (page: string): ReadonlyMap<string, Allowed> => {
  const rows = page.split('\n').flatMap((line) => {
    const [, path] = /^\| `src\/([^`]+?)\/?` \|/.exec(line) ?? [];
    const cells = line.split('|').slice(1, -1);
    return path !== undefined && cells.length === 4 ? [{ path, cells }] : [];
  });
  const names = rows.map(({ path }) => path);
  return new Map(
    rows.map(({ path, cells: [, , imports, libraries] }) => {
      const named = codeIn(imports);
      const isAll = /^\s*all\b/.test(imports ?? '');
      const modules = isAll
        ? names.filter((name) => name !== path && !named.includes(name))
        : named;
      return [path, { modules, packages: codeIn(libraries) }];
    }),
  );
};

/** Everything that a module reaches over others. */
const reached = (
  modules: ReadonlyMap<string, Allowed>,
  name: string,
  found: Set<string> = new Set(),
): Set<string> => {
  for (const next of modules.get(name)?.modules ?? []) {
    if (found.has(next)) continue;
    found.add(next);
    reached(modules, next, found);
  }
  return found;
};

const idOf = (name: string): string => name.replaceAll(/[/.]/g, '_');

/** Not drawn: every other module reaches them. */
const everywhere: readonly string[] = ['config.ts', 'main.ts', 'runtime', 'text'];

/** The modules as a Mermaid diagram: an arrow leads to what is imported, unless it is reached over another one. */
const diagramOf = (modules: ReadonlyMap<string, Allowed>): string => {
  const drawn = [...modules.keys()].filter((name) => !everywhere.includes(name));
  const lines = drawn.flatMap((name) => {
    const direct = (modules.get(name)?.modules ?? []).filter((other) => drawn.includes(other));
    const needed = direct.filter(
      (other) => !direct.some((way) => way !== other && reached(modules, way).has(other)),
    );
    return needed.map((other) => `  ${idOf(name)} --> ${idOf(other)}`);
  });
  const boxes = drawn.map((name) => `  ${idOf(name)}["${name}"]`);
  return ['```mermaid', 'graph TD', ...boxes, ...lines, '```'].join('\n');
};

/** The page with the diagram of its table of modules, between its marks. */
export const withModuleDiagram = (page: string): string =>
  page.replace(/(?<=<!-- modules, by npm run docs -->\n).*?(?=\n<!-- end -->)/s, () =>
    diagramOf(modulesOf(page)),
  );
