import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { satisfies, subset } from 'semver';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const json = (path: string) => JSON.parse(read(path)) as Manifest;

type Manifest = {
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly packages: Readonly<Record<string, { readonly engines?: { readonly node?: string } }>>;
};

const { engines, version } = json('package.json');

describe('the versions of Node.js', () => {
  it('every package of the lock file runs on all that are promised', () => {
    const needs = Object.entries(json('package-lock.json').packages).map(
      ([name, { engines: needed }]) => [name, needed?.node ?? '*'] as const,
    );
    expect(needs.length).toBeGreaterThan(100);
    expect(needs.filter(([, range]) => !subset(engines.node, range))).toEqual([]);
  });

  it('the README names the oldest of each that is promised', () => {
    const [, newest = '', sentence = ''] = /Node\.js\S* (\d+)(.*)/.exec(read('README.md')) ?? [];
    const named = [...sentence.matchAll(/\b\d+\.\d+\b/g)].map(([each]) => each);
    expect(named).toEqual([...engines.node.matchAll(/\^(\S+)/g)].map(([, each]) => each));
    expect(satisfies(`${newest}.0.0`, engines.node)).toBe(true);
    for (const each of named) expect(satisfies(`${each}.0`, engines.node), each).toBe(true);
  });
});

it('oshi --version is the version of the package', () => {
  const words = ['--import', 'tsx', 'src/cli/oshi.ts', '--version'];
  expect(execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8' })).toBe(
    `${version}\n`,
  );
});
