/** Why a replay ended early. */
export type Ended = 'SIGINT' | 'SIGTERM' | 'closed' | 'limit';

/** Standard output with back-pressure, and what may end it. */
export type Output = {
  /** Aborted with the reason: an `Ended`, or the error that prevents further output. */
  readonly signal: AbortSignal;
  /** Resolves when the next text can be written, or the output has ended. */
  write(text: string): Promise<void>;
  end(reason: Ended): void;
  close(): void;
};

/** The standard output of this process, until a signal or the reader closes it. */
export const standardOutput = (): Output => {
  const ending = new AbortController();
  const end = (reason: Ended): void => ending.abort(reason);
  // Once: a second signal ends the process immediately, for instance while the reader of the pipe is stuck.
  const stop = (signal: NodeJS.Signals): void => end(signal as Ended);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE') end('closed');
    else ending.abort(new Error(`the output cannot be written: ${cause.message}`, { cause }));
  });
  const room = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        process.stdout.off('drain', done);
        ending.signal.removeEventListener('abort', done);
        resolve();
      };
      process.stdout.on('drain', done);
      ending.signal.addEventListener('abort', done);
    });
  return {
    signal: ending.signal,
    async write(text) {
      if (text === '' || !process.stdout.writable) return;
      if (!process.stdout.write(text) && !ending.signal.aborted) await room();
    },
    end,
    close: () => void process.off('SIGINT', stop).off('SIGTERM', stop),
  };
};
