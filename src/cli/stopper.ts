import { setTimeout } from '../runtime/timers.ts';

/** After how long a shutdown is aborted, in ms. */
export const stopMsMax = 9500;

export type StopperOptions = {
  /** Stops everything in order; resolves with an exit code, by default 0. */
  readonly close: () => Promise<number | undefined>;
  readonly say: (line: string) => void;
  readonly msMax?: number;
  /** Called before a shutdown is aborted that has taken too long. */
  readonly onLate?: () => void;
};

/** Stops something in order and once, and exits with this code, or that of `close` if that is not 0. */
export const stopper = ({ close, say, msMax = stopMsMax, onLate }: StopperOptions) => {
  let stopping = false;
  return async (why: string, exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    say(`${why}: stopping`);
    setTimeout(() => {
      process.stderr.write(
        'oshi: the shutdown took too long and was aborted; nothing acknowledged is lost\n',
      );
      onLate?.();
      process.exit(1);
    }, msMax).unref();
    try {
      process.exit((await close()) || exitCode);
    } catch (error) {
      process.stderr.write(`oshi: the shutdown failed: ${String(error)}\n`);
      process.exit(1);
    }
  };
};
