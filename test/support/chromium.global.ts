import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { environment } from '../../src/config.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The path of Chromium; empty where there is none. */
    chromium: string;
  }
}

const env = environment();
const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of Chromium: `OSHI_CHROMIUM`, or the first of its names on `PATH`. */
const findChromium = async (): Promise<string> => {
  const { OSHI_CHROMIUM: named, PATH = '' } = env;
  if (named) return named;
  for (const path of PATH.split(delimiter).flatMap((dir) => names.map((name) => join(dir, name)))) {
    const runs = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return path;
  }
  throw new Error(
    'no Chromium: install it (Debian: apt-get install chromium), or set OSHI_CHROMIUM to its path',
  );
};

/** Finds the browser. Where there is none its suites are skipped, except under `CI=true`: a failure there. */
export const setup = async (project: TestProject): Promise<void> => {
  try {
    project.provide('chromium', await findChromium());
  } catch (error) {
    if (env.CI === 'true') throw error;
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`skipping what needs a browser: ${why}\n`);
    project.provide('chromium', '');
  }
};
