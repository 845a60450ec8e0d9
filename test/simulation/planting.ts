import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Edit, Planted } from './planted.ts';

const root = resolve(import.meta.dirname, '../..');
/** Inside the checkout, so that the copies find its dependencies. */
const copiesIn = join(root, 'node_modules/.cache/oshi');
const copied = ['src', 'test/simulation', 'test/simulate.ts', 'test/contract', 'test/support'];
const copiedFiles = ['package.json', 'tsconfig.json'];

/** What `npm run test:simulate -- --json` prints; `promise`: the one that is broken, by the schedule of this seed. */
export type Verdict = {
  readonly played: number;
  readonly accepted: number;
  readonly trace: number;
  readonly seconds: number;
  readonly promise?: string;
  readonly seed?: number;
};

/** The schedules that are played, and the seed of the first. */
export type Seeds = { readonly seed: number; readonly schedules: number };

const run = (dir: string, { seed, schedules }: Seeds): Promise<Verdict> =>
  new Promise((done, fail) => {
    const args = ['--json', '--no-shrink', '--seed', `${seed}`, '--schedules', `${schedules}`];
    const program = ['--import', 'tsx', join(dir, 'test/simulate.ts'), ...args];
    const child = spawn(process.execPath, program, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { out: '', err: '' };
    child.stdout.on('data', (text) => {
      output.out += text;
    });
    child.stderr.on('data', (text) => {
      output.err += text;
    });
    child.on('error', fail);
    child.on('close', () => {
      if (output.out) done(JSON.parse(output.out) as Verdict);
      else fail(new Error(output.err));
    });
  });

/** Plays schedules on the source as it is. */
export const playUnchanged = (seeds: Seeds): Promise<Verdict> => run(root, seeds);

const apply = async (dir: string, { file, right, wrong }: Edit): Promise<void> => {
  const path = join(dir, file);
  const source = await readFile(path, 'utf8');
  if (source.split(right).length !== 2) throw new Error(`${file} does not hold once: ${right}`);
  await writeFile(
    path,
    source.replace(right, () => wrong),
  );
};

/** Plays schedules on a copy of the source with a mistake in it, until one breaks a promise. */
export const playPlanted = async (mistake: Planted, seeds: Seeds): Promise<Verdict> => {
  await mkdir(copiesIn, { recursive: true });
  const dir = await mkdtemp(join(copiesIn, 'planted-'));
  try {
    for (const path of [...copied, ...copiedFiles])
      await cp(join(root, path), join(dir, path), { recursive: true });
    for (const edit of [mistake, ...(mistake.also ? [mistake.also] : [])]) await apply(dir, edit);
    return await run(dir, seeds);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};
