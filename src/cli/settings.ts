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

/** A setting, whose quoted value may have several lines; or an empty line, or a comment. */
const entry =
  /[^\S\n]*(?:(?:export[^\S\n]+)?[\w.-]+[^\S\n]*=[^\S\n]*(?:"[^"]*"|'[^']*'|`[^`]*`)?[^\n]*|#[^\n]*)?(?:\n|$)/y;

const settingsIn = (path: string): Environment => {
  const text = textIn(path, '--config');
  for (let at = 0; at < text.length; at = entry.lastIndex) {
    entry.lastIndex = at;
    if (entry.test(text)) continue;
    const line = text.slice(0, at).split('\n').length;
    // The line is not repeated: it may contain a secret.
    throw new ConfigError(
      `--config: line ${line} of ${path} is not a setting; write NAME=value, or begin a comment with #`,
    );
  }
  return parseEnv(text);
};
