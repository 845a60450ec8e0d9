import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Check, checking } from '../check.ts';
import { wideModes } from './files/folder-modes.ts';
import { probeBytes } from './files/free-space.ts';
import { refuseLostLog } from './lost-log.ts';
import { refuseUnfinished } from './restoration.ts';

/** A share of free space below which it is reported, as by the alert of `deploy/prometheus/rules.yml`. */
const freeShareMin = 0.1;

/** Checks a data folder, or where it would be created, without changing it. */
export const inspectFolder = async (dataDir: string): Promise<readonly Check[]> => {
  const folder = await checking('data folder', () => accessed(dataDir));
  if (folder.status === 'error') return [folder];
  const space = await checking('free space', () => spaceIn(nearest(dataDir)));
  if (!existsSync(dataDir)) return [folder, space];
  const modes = await checking('permissions', () => modesIn(dataDir));
  const files = await checking('data', () => {
    refuseUnfinished(dataDir);
    refuseLostLog(dataDir);
    return 'nothing is missing';
  });
  return [folder, modes, files, space];
};

/** The folder itself, or the one in which it would be created. */
const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)));

const accessed = (dataDir: string): string => {
  const path = nearest(dataDir);
  const { R_OK, W_OK, X_OK } = constants;
  if (!statSync(path).isDirectory()) {
    throw new Error(`${path} is not a folder: correct OSHI_DATA_DIR.`);
  }
  try {
    accessSync(path, R_OK | W_OK | X_OK);
  } catch (cause) {
    throw new Error(
      `this user may not write to ${path}: grant it that right, or correct OSHI_DATA_DIR.`,
      { cause },
    );
  }
  if (path !== dataDir) return `${dataDir} does not exist yet; the first start creates it`;
  return `${dataDir} is writable`;
};

const modesIn = (dataDir: string): string | Check => {
  const [first, ...others] = wideModes(dataDir);
  if (first === undefined) return 'for the owner only';
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  return {
    ...{ status: 'warning', name: 'permissions' },
    found: `others than the owner may use ${first}${more}`,
    remedy: 'start Oshi, which corrects this, or run chmod -R go= on the data folder',
  };
};

const spaceIn = (path: string): Check => {
  const { bavail, blocks, bsize } = statfsSync(path);
  const free = bavail * bsize;
  const share = bavail / blocks;
  const status = free < probeBytes ? 'error' : share < freeShareMin ? 'warning' : 'ok';
  const found = `${(free / 2 ** 30).toFixed(1)} GiB of the disk are free (${Math.round(share * 100)} %)`;
  const remedy = 'free space or enlarge the disk: without space Oshi records nothing';
  return { status, name: 'free space', found, ...(status !== 'ok' && { remedy }) };
};
