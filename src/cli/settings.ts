import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError, type Environment, environment, secretVariables } from '../config.ts';

/**
 * The environment with what is set elsewhere: it precedes the file, which has lines `NAME=value`. A secret that is set
 * nowhere is read from the file that its variable with `_FILE` names. Throws `ConfigError`.
 */
export const merged = (environment: Environment, file?: string): Environment => {
  const found = file === undefined ? {} : settingsIn(file);
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const settings: Record<string, string | undefined> = { ...found, ...set };
  for (const name of secretVariables) {
    const path = settings[`${name}_FILE`];
    if (!path || settings[name]) continue;
    const text = textIn(path, `${name}_FILE`).trim();
    if (text === '') throw new ConfigError(`${name}_FILE: ${path} is empty`);
    settings[name] = text;
  }
  return settings;
};

/** Adds settings from files to the environment of this process. Throws `ConfigError`. */
export const addSettings = (file?: string): void => {
  Object.assign(environment(), merged(environment(), file));
};

const textIn = (path: string, setting: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${setting}: ${path} cannot be read (${code})`, { cause });
  }
};

const settingsIn = (path: string): Environment => {
  const text = textIn(path, '--config');
  const line = strangeLineIn(text.split('\n'));
  if (line === undefined) return parseEnv(text);
  // The line is not repeated: it may contain a secret.
  throw new ConfigError(
    `--config: line ${line} of ${path} is not a setting; write NAME=value, or begin a comment with #`,
  );
};

/** The number of the first line that is neither a setting nor empty or a comment; undefined if there is none. */
const strangeLineIn = (lines: readonly string[]): number | undefined => {
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const end = line.indexOf('=');
    if (end < 0 || !/^(?:export\s+)?[\w.-]+$/.test(line.slice(0, end).trim())) return at + 1;
    at += linesMore(line.slice(end + 1).trim(), lines.slice(at + 1));
  }
  return undefined;
};

/** How many of the next lines belong to a value: those up to the end of its quotes. */
const linesMore = (value: string, next: readonly string[]): number => {
  const [quote = ''] = value;
  if (!['"', "'", '`'].includes(quote) || value.indexOf(quote, 1) > 0) return 0;
  return next.findIndex((line) => line.includes(quote)) + 1;
};
