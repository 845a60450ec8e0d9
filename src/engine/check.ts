/** The result of one check of the configuration. */
export type Check = {
  readonly status: 'ok' | 'warning' | 'error';
  /** What was checked, in a few words. */
  readonly name: string;
  /** What was found, as one line. */
  readonly found: string;
  /** What to do, as one line; absent if nothing has to be done, or `found` says it. */
  readonly remedy?: string;
};

/** The result of something that either returns what was found, or throws one line that says what to do. */
export const checking = async (name: string, find: () => unknown): Promise<Check> => {
  try {
    return { status: 'ok', name, found: String(await find()) };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { status: 'error', name, found };
  }
};

/** Whether an address is only reachable from this machine. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);
