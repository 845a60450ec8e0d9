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

/**
 * The result of a check that returns what it has found, if nothing is wrong as text alone, or throws one line that says
 * what to do. Never rejects.
 */
export const checking = async (
  name: string,
  find: () => string | Check | Promise<string | Check>,
): Promise<Check> => {
  try {
    const found = await find();
    return typeof found === 'string' ? { status: 'ok', name, found } : found;
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { status: 'error', name, found };
  }
};

/** Whether an address is only reachable from this machine. */
export const isLoopback = (host: string): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host);
