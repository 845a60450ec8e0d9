import { OshiError } from '../../client/error.ts';
import { isolate } from '../../text/direction.ts';
import { preparedPassword } from '../../text/password.ts';
import { ask, canAsk, readInput } from '../terminal/asking.ts';
import { forgetLogin, keepLogin } from './login-file.ts';
import { type Format, report } from './printing.ts';
import { understandable } from './trouble.ts';
import { httpOf, visit } from './visit.ts';

export type LoginOptions = Format & {
  readonly username?: string;
  readonly register?: boolean;
  /** The code of an invite to a circle, for a registration. */
  readonly invite?: string;
};

/** `oshi chat login`: logs in or registers, and stores the token. */
export const logIn = async (address: string, options: LoginOptions): Promise<void> => {
  const url = serverAddress(address);
  const who = await credentials(options);
  const http = httpOf(url);
  const { user, token } = await (options.register
    ? http.register({ ...who, invite: options.invite })
    : http.logIn(who)
  ).catch((error: unknown) => {
    throw isWrong(error)
      ? new Error('the username or the password is wrong')
      : understandable(error, url);
  });
  const path = await keepLogin({ url, token, username: user.username });
  const sentence = `logged in at ${url} as ${isolate(user.username)}; the token is in ${path}`;
  await report(options, sentence, { url, user });
};

const isWrong = (error: unknown): boolean =>
  error instanceof OshiError && error.code === 'unauthenticated';

/** `oshi chat logout`: ends the session, and deletes the token. */
export const logOut = async (): Promise<void> => {
  try {
    await visit(({ http }) => http.logOut());
  } finally {
    await forgetLogin();
  }
};

export const whoAmI = (options: Format): Promise<void> =>
  visit(async ({ url, http }) => {
    const user = await http.me();
    await report(options, `${isolate(user.username)} at ${url}`, { url, user });
  });

/** Normalises the address of a server. Throws if it is invalid. */
const serverAddress = (address: string): string => {
  const isComplete = /^https?:\/\//i.test(address);
  const url = URL.canParse(address) && isComplete ? new URL(address) : undefined;
  if (url?.hostname && url.username === '' && url.password === '') {
    return `${url.origin}${url.pathname.replace(/\/$/, '')}`;
  }
  throw new Error(
    `“${address}” is not the address of a server; expected for example https://chat.example.org or http://127.0.0.1:8080`,
  );
};

/** Reads username and password from the terminal, or from the lines of standard input. */
const credentials = async ({ username, register }: LoginOptions) => {
  if (!canAsk()) {
    const lines = (await readInput()).split(/\r?\n/);
    const [name = '', password = ''] = username === undefined ? lines : [username, ...lines];
    if (name !== '' && password !== '') return { username: name, password };
    throw new Error(
      'standard input must contain the username and the password, each on a line; with --username only the password',
    );
  }
  const name = username ?? (await ask('Username: '));
  const password = await ask('Password: ', true);
  const isSame = (again: string): boolean => preparedPassword(again) === preparedPassword(password);
  if (register && !isSame(await ask('Repeat password: ', true))) {
    throw new Error('the passwords differ; nothing was changed');
  }
  return { username: name, password };
};
