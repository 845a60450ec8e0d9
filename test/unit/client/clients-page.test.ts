import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/clients.md');
const linesMax = 60;

describe('docs/clients.md', () => {
  it.each([
    ['js', 'examples/tiny-client.js'],
    ['python', 'examples/tiny-client.py'],
  ])('contains the client in %s, which is small', (language, path) => {
    const source = read(path);
    expect(page).toContain(`\`\`\`${language}\n${source}\`\`\``);
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(linesMax);
  });

  it.each([
    ['node', 'examples/tiny-client.js'],
    ['python3', 'examples/tiny-client.py'],
  ])('contains a client in %s that prints its usage for invalid arguments', (program, path) => {
    for (const wrong of [[], ['127.0.0.1:8080', 'ada', 'x', 'a/b'], ['http://127.0.0.1:8080']]) {
      const { status, stdout, stderr } = spawnSync(program, [path, ...wrong], { cwd: root });
      expect([status === 0, `${stdout}`]).toEqual([false, '']);
      expect(`${stderr}`).toMatch(new RegExp(`^usage: ${program} ${path} http://[^\n]+\n$`));
    }
  });

  it('names the exported entries of the client', () => {
    const section = page.slice(page.indexOf('## The client in TypeScript'));
    const entries = [...section.matchAll(/^\| `([\w-]+)\.ts`/gm)].map(([, name]) => name);
    const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, object> };
    const offered = Object.keys(exports).filter((name) => name.startsWith('./client'));
    expect(entries.map((name) => (name === 'client' ? './client' : `./client/${name}`))).toEqual(
      offered,
    );
    for (const name of entries) {
      const module = read(`src/client/${name}.ts`);
      const row = new RegExp(`^\\| \`${name}\\.ts\` .*$`, 'm').exec(section)?.[0] ?? '';
      const named = [...row.matchAll(/`(\w+)`/g)].map(([, word]) => word);
      expect(named.length, name).toBeGreaterThan(0);
      const missing = named.filter((word) => !new RegExp(`\\b${word}\\b`).test(module));
      expect(missing, name).toEqual([]);
    }
  });
});
