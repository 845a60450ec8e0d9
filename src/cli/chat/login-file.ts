import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { environment } from '../../config.ts';
import { randomId } from '../../runtime/random.ts';

/** The server of a login, and the token of its session. */
export type Login = { readonly url: string; readonly token: string; readonly username?: string };

/** The path of the login file (XDG Base Directory Specification: relative paths are ignored). */
const loginPath = (): string => {
  const { XDG_CONFIG_HOME: home = '' } = environment();
  return join(isAbsolute(home) ? home : join(homedir(), '.config'), 'oshi', 'chat.json');
};

/** The login from the environment, or else the stored one. Rejects if there is none. */
export const currentLogin = async (): Promise<Login> => {
  const login = loginOfEnvironment() ?? (await keptLogin());
  if (login) return login;
  throw new Error('you are not logged in; run: oshi chat login <address of the server>');
};

const loginOfEnvironment = (): Login | undefined => {
  const { OSHI_URL: url, OSHI_TOKEN: token } = environment();
  if (url && token) return { url, token };
  if (!(url || token)) return undefined;
  const [given, missing] = url ? ['OSHI_URL', 'OSHI_TOKEN'] : ['OSHI_TOKEN', 'OSHI_URL'];
  throw new Error(
    `${given} is set and ${missing} is not; set both, or neither to use oshi chat login`,
  );
};

const keptLogin = async (): Promise<Login | undefined> => {
  const path = loginPath();
  try {
    const { url, token, username } = JSON.parse(await readFile(path, 'utf8')) as Partial<Login>;
    if (typeof url === 'string' && typeof token === 'string') {
      return { url, token, ...(typeof username === 'string' && { username }) };
    }
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Error(`${path} cannot be read as a login; log in again: oshi chat login`);
};

/** Stores a login in a file that only its owner can read, replacing the one before; resolves with its path. */
export const keepLogin = async (login: Login): Promise<string> => {
  const path = loginPath();
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // A rename is atomic, and the new file never had other permissions.
  const fresh = `${path}.${randomId()}`;
  await writeFile(fresh, `${JSON.stringify(login)}\n`, { mode: 0o600, flag: 'wx' });
  await rename(fresh, path);
  return path;
};

/** Removes the stored login, unless the environment provides one. */
export const forgetLogin = async (): Promise<void> => {
  if (!loginOfEnvironment()) await rm(loginPath(), { force: true });
};
