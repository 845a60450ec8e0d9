/** Why a replay ended before its end. */
export type Ended = 'SIGINT' | 'SIGTERM' | 'closed' | 'limit';

/** Standard output, one piece after the other, and what may end it. */
export type Output = {
  /** Aborted with the reason: an `Ended`, or the error that keeps the rest from being written. */
  readonly signal: AbortSignal;
  /** Resolves when there is room for the next piece, or when there will be none. */
  write(text: string): Promise<void>;
  end(reason: Ended): void;
  close(): void;
};

/** The standard output of this process, until a signal comes or whoever reads it goes. */
export const standardOutput = (): Output => {
  const ending = new AbortController();
  const end = (reason: Ended): void => ending.abort(reason);
  // Once: whoever asks a second time, as the reader of a pipe stands still, is obeyed at once.
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
