import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../tools/servers/place.ts';
import { type OshiProcess, spawnOshi } from '../support/fixtures/server-process.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const path = `${dirname(execPath)}:/usr/bin:/bin`;

/** What the reader is to do: type `text` in a terminal, or put it into a file. */
type Step = { readonly where: string; readonly text: string };

/** The blocks of the tutorial in order, for this folder and this port. */
const stepsOf = async (dir: string, port: number): Promise<Step[]> => {
  const page = await readFile(join(root, 'docs/projections.md'), 'utf8');
  const blocks = page.matchAll(/^```(?:sh|js) (\S+)\n(.*?)^```/gms);
  return [...blocks].map(([, where = '', text = '']) => ({
    where,
    text: text.replaceAll('/tmp/oshi-try', dir).replaceAll('8099', `${port}`),
  }));
};

/** The two terminals and the files of somebody who does what the page says. */
const sitDown = (dir: string) => {
  const exported = new Map<string, string[]>();
  let server: OshiProcess | undefined;
  onTestFinished(async () => {
    await server?.kill();
    await rm(dir, { recursive: true, force: true });
  });
  const type = async ({ where, text }: Step): Promise<string> => {
    const before = exported.get(where) ?? [];
    exported.set(where, [...before, ...text.split('\n').filter((line) => /^export /.test(line))]);
    const script = [...before, text].join('\n');
    const words = ['--norc', '--noprofile', '-e', '-o', 'pipefail', '-c', script];
    const { stdout } = await run('/bin/bash', words, { cwd: root, env: { PATH: path, HOME: dir } });
    return stdout;
  };
  /** The first terminal is taken by the server from then on. */
  const serve = async ({ text }: Step): Promise<void> => {
    const assigned = [...(exported.get('first') ?? []), text]
      .join(' ')
      .matchAll(/(OSHI_\w+)=(\S+)/g);
    const env = Object.fromEntries([...assigned].map(([, name = '', value = '']) => [name, value]));
    const [, words = ''] = /\bnpx oshi (.*)/.exec(text) ?? [];
    server = spawnOshi(words.split(' '), { ...env, PATH: path });
    await server.said(/^Oshi listens on /m);
    await server.said(/replies.*message-posted|message-posted.*replies/);
  };
  return {
    async take(step: Step): Promise<string> {
      if (step.where === 'server') await serve(step);
      else if (step.where.endsWith('.mjs')) await writeFile(join(dir, step.where), step.text);
      else return type(step);
      return '';
    },
  };
};

test('the tutorial of docs/projections.md, from nothing to rows kept elsewhere', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'oshi-try-'));
  const reader = sitDown(dir);
  const said: string[] = [];
  for (const step of await stepsOf(dir, await freePort())) {
    const output = await reader.take(step);
    if (step.where === 'second') said.push(output);
  }
  const [broken, mended, followed, changed, rebuilt, beside, elsewhere] = said;
  expect(broken).toMatch(/^replies +1 +attached +failed/m);
  expect(broken).toMatch(/fix it, then run: oshi projections resume replies$/m);
  expect(mended).toMatch(/^replies continues.*\n_id +replies\n(\S{36} +\d+\n){3}$/m);
  expect(followed).toMatch(/^replies +1 +attached +live +\d+ +0/m);
  expect(changed).toMatch(
    /^replies continues.*\n_id +replies +messages\n(\S{36} +\d+ +\d+\n){3}$/m,
  );
  expect(rebuilt).toMatch(/switched/);
  expect(beside).toMatch(
    /^replies is detached.*\n(.*\n)*projection replies: caught up, \d+ events$/m,
  );
  expect(elsewhere).toMatch(/^\{"incarnation":"\S{36}","place":\d+,"months":\{"2025-01":\d+/m);
}, 300_000);
