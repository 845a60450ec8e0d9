import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sources } from '../servers/program.ts';
import { downloadWheel, type PinnedWheel } from '../servers/wheel.ts';

/** Pure Python, for every platform. */
const websockets: PinnedWheel = {
  requirement: 'websockets==17.4',
  sha256: 'c6bd2c9781915592b209160d0f017d4c7c82ad53075e6b0c24d2a89299e7f9e9',
  platform: 'any',
};

/**
 * The Python package `websockets` for the client in `examples/`: a path for `PYTHONPATH`, in the project's cache,
 * where it is put on first use. Rejects with one line that says what to do.
 */
export const pythonWebsockets = async ({
  cacheDir,
  progress,
}: Omit<Sources, 'env'>): Promise<string> => {
  const home = join(cacheDir, websockets.requirement.replace('==', '-'));
  const wheel = join(home, 'websockets.whl');
  const isThere = await access(wheel).then(
    () => true,
    () => false,
  );
  if (isThere) return wheel;
  await mkdir(home, { recursive: true });
  const work = await mkdtemp(join(home, 'download-'));
  try {
    progress(`fetching ${websockets.requirement} for Python (only this once) ...`);
    // A wheel is a zip, from which Python imports as it is; whoever looks sees none of it or the whole.
    await rename(await downloadWheel(websockets, work), wheel);
    return wheel;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`no ${websockets.requirement}: install Python 3 with pip (${why}).`, { cause });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
