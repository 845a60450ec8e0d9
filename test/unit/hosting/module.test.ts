import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultOf } from '../../../src/hosting/fault.ts';
import { loadProjection } from '../../../src/hosting/module.ts';

const sound = { name: 'mine', version: 1, indexes: [{ a: 1, b: -1 }], on: {} };
const elsewhere = { name: 'mine', version: 1, open: () => undefined };
const project = () => [];

describe('what is wrong with a projection', () => {
  it('nothing, if it is sound', () => {
    expect(faultOf(sound)).toBeUndefined();
    expect(faultOf({ ...sound, on: { 'message-posted': project }, indexes: [] })).toBeUndefined();
    expect(faultOf(elsewhere)).toBeUndefined();
    expect(faultOf({ ...elsewhere, kinds: ['message-posted'] })).toBeUndefined();
  });

  const cases: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /^it exports no projection: export \{ name, version, indexes, on \}/],
    [{ ...sound, name: undefined }, /^it has no name: name it with/],
    [{ ...sound, name: 'My Own' }, /^its name is "My Own": name it with lower-case letters/],
    [{ ...sound, version: undefined }, /^"mine": it has no version; give it a whole number/],
    [{ ...sound, version: 1.5 }, /^"mine": its version is 1\.5; give it/],
    [{ ...sound, version: '1' }, /^"mine": its version is "1"; give it/],
    [{ ...sound, version: 0 }, /^"mine": its version is 0;/],
    [{ ...sound, on: undefined }, /^"mine": it has no "on": give it a function for each kind/],
    [{ ...sound, on: [] }, /^"mine": it has no "on"/],
    [
      { ...sound, on: { 'message-post': project } },
      /^"mine": "on" names "message-post", which is not a kind of event; did you mean message-posted\?$/,
    ],
    [
      { ...sound, on: { 'connection-opened': project } },
      /^"mine": "on" names connection-opened: the log of connections is kept for 30 days/,
    ],
    [
      { ...sound, on: { 'message-posted': 7 } },
      /^"mine": "on" has for message-posted 7, which is not a func/,
    ],
    [{ ...sound, indexes: undefined }, /^"mine": it has no list "indexes"/],
    [{ ...sound, indexes: [{ a: 'up' }] }, /^"mine": \{"a":"up"\} is not an index/],
    [{ ...sound, indexes: [{}] }, /^"mine": \{\} is not an index/],
    [{ ...elsewhere, on: {} }, /^"mine": it has both "on" and "open"/],
    [{ ...elsewhere, open: 'postgres' }, /^"mine": "open" is no function/],
    [{ ...elsewhere, kinds: 'all' }, /^"mine": "kinds" is no list/],
    [
      { ...elsewhere, kinds: ['mesage-posted'] },
      /^"mine": "kinds" .*did you mean message-posted\?$/,
    ],
  ];
  for (const [value, fault] of cases) {
    it(`${fault}`, () => expect(faultOf(value)).toMatch(fault));
  }
});

describe('a module', () => {
  it('is read anew each time, and what is wrong is one line that names it', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'oshi-module-'));
    const path = join(dir, 'mine.mjs');
    const write = (text: string) => writeFile(path, text);
    try {
      await write(`export const projection = { name: 'mine', version: 1, indexes: [], on: {} };`);
      expect(await loadProjection(path)).toMatchObject({ version: 1 });
      await write(`export default { name: 'mine', version: 2, indexes: [], on: {} };`);
      expect(await loadProjection(path)).toMatchObject({ version: 2 });
      await write('export const projection = {');
      await expect(loadProjection(path)).rejects.toThrow(/^\S+mine\.mjs cannot be loaded: [^\n]+$/);
      await write(`export const projection = { name: 'runs', version: 1, indexes: [], on: {} };`);
      await expect(loadProjection(path)).rejects.toThrow(
        /^\S+mine\.mjs: "runs" is the name of a built-in projection; choose another$/,
      );
      await expect(loadProjection(join(dir, 'none.mjs'))).rejects.toThrow(
        /^\S+none\.mjs cannot be loaded: [^\n?]+$/,
      );
    } finally {
      await rm(dir, { recursive: true });
    }
  });
});
