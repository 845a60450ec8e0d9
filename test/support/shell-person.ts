import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Ending, type OshiProcess, spawnOshi } from './server-process.ts';

/** What an object that `oshi chat --json` prints may hold. */
export type ChatLine = Partial<{
  id: string;
  s: string;
  m: number;
  name: string;
  text: string;
  username: string;
  kind: string;
  visibility: string;
  deleted: boolean;
  editedAt: number;
  code: string;
  link: string;
}>;

/** Somebody at a shell, with a folder of settings of their own. */
export type ShellPerson = {
  readonly home: string;
  readonly username: string;
  readonly env: Readonly<Record<string, string>>;
  /** Starts `oshi chat` with these words. */
  start(...words: string[]): OshiProcess;
  /** Runs it, with this standard input, to its end. */
  run(words: readonly string[], input?: string): Promise<Ending>;
  /** Runs it with `--json`; rejects if it fails. */
  ask(...words: string[]): Promise<ChatLine[]>;
};

export const chatLines = (stdout: string): ChatLine[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as ChatLine);

/** Sits down at a shell, logged in nowhere. */
export const sitDown = async (username: string): Promise<ShellPerson> => {
  const home = await mkdtemp(join(tmpdir(), 'oshi-shell-'));
  const env = { XDG_CONFIG_HOME: home, HOME: home };
  const run = (words: readonly string[], input = ''): Promise<Ending> =>
    spawnOshi(['chat', ...words], env, input).ended;
  return {
    ...{ home, username, env, run },
    start: (...words) => spawnOshi(['chat', ...words], env),
    async ask(...words) {
      const { code, stdout, stderr } = await run([...words, '--json']);
      expect([words, code, stderr]).toEqual([words, 0, '']);
      return chatLines(stdout);
    },
  };
};

export const shellPassword = 'correct horse battery';

/** Sits down at a shell and opens an account at a server. */
export const registerAtShell = async (url: string, name: string): Promise<ShellPerson> => {
  const username = `${name}-${Math.random().toString(36).slice(2, 12)}`;
  const person = await sitDown(username);
  const { code, stderr } = await person.run(
    ['login', '--register', url],
    `${username}\n${shellPassword}\n`,
  );
  expect([code, stderr]).toEqual([0, '']);
  return person;
};

/** The token of who is logged in at a shell. */
export const tokenAt = async ({ home }: ShellPerson): Promise<string> => {
  const kept = await readFile(join(home, 'oshi/chat.json'), 'utf8');
  return (JSON.parse(kept) as { readonly token: string }).token;
};

/** It printed nothing and ended with this code and one line for people that fits. */
export const expectLine = ({ code, stderr, stdout }: Ending, line: RegExp, expected = 1): void => {
  expect([stdout, stderr]).toEqual(['', expect.stringMatching(line)]);
  expect(stderr).toMatch(/^(oshi|error): [^\n]+\n/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|\bError:/);
  expect(code).toBe(expected);
};
