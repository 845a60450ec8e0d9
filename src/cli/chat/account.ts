import { OshiError } from '../../client/error.ts';
import { isolate } from '../../text/direction.ts';
import { preparedPassword } from '../../text/password.ts';
import { ask, canAsk, readInput } from './asking.ts';
import { forgetLogin, keepLogin } from './login-file.ts';
import { type Format, report } from './printing.ts';
import { understandable } from './trouble.ts';
import { httpOf, visit } from './visit.ts';

export type LoginOptions = Format & { readonly username?: string; readonly register?: boolean };

/** `oshi chat login`: logs in, or opens an account, and keeps the token. */
export const logIn = async (address: string, options: LoginOptions): Promise<void> => {
  const url = serverAddress(address);
  const who = await credentials(options);
  const http = httpOf(url);
  const { user, token } = await (options.register ? http.register(who) : http.logIn(who)).catch(
    (error: unknown) => {
      throw isWrong(error)
        ? new Error('the username or the password is wrong')
        : understandable(error, url);
    },
  );
  const path = await keepLogin({ url, token, username: user.username });
  const sentence = `logged in at ${url} as ${isolate(user.username)}; the token is in ${path}`;
  await report(options, sentence, { url, user });
};

const isWrong = (error: unknown): boolean =>
  error instanceof OshiError && error.code === 'unauthenticated';

/** `oshi chat logout`: ends the session, and forgets its token. */
export const logOut = async (): Promise<void> => {
  try {
    await visit(({ http }) => http.logOut());
  } finally {
    await forgetLogin();
  }
};

/** `oshi chat whoami`. */
export const whoAmI = (options: Format): Promise<void> =>
  visit(async ({ url, http }) => {
    const user = await http.me();
    await report(options, `${isolate(user.username)} at ${url}`, { url, user });
  });

/** The address of a server without what stands behind it. Throws one line if it is none. */
const serverAddress = (address: string): string => {
  const isComplete = /^https?:\/\//i.test(address);
  const url = URL.canParse(address) && isComplete ? new URL(address) : undefined;
  if (url?.hostname && url.username === '' && url.password === '') {
    return `${url.origin}${url.pathname.replace(/\/$/, '')}`;
  }
  throw new Error(
    `“${address}” is no address of a server; it looks like https://chat.example.org or http://127.0.0.1:8080`,
  );
};

/** Username and password: asked for on a terminal, else the lines of standard input. */
const credentials = async ({ username, register }: LoginOptions) => {
  if (!canAsk()) {
    const lines = (await readInput()).split(/\r?\n/);
    const [name = '', password = ''] = username === undefined ? lines : [username, ...lines];
    if (name !== '' && password !== '') return { username: name, password };
    throw new Error(
      'standard input must hold the username in one line and the password in the next; with --username the password alone',
    );
  }
  const name = username ?? (await ask('Username: '));
  const password = await ask('Password: ', true);
  const isSame = (again: string): boolean => preparedPassword(again) === preparedPassword(password);
  if (register && !isSame(await ask('The same again: ', true))) {
    throw new Error('the passwords differ; nothing was done');
  }
  return { username: name, password };
};
