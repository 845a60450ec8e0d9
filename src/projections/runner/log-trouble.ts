import type { Recorded } from '../../events/log.ts';

/** The log could not be read at the moment. */
export class LogTrouble extends Error {
  override readonly name = 'LogTrouble';
}

/** Marks what the log rejects with as the log's. */
export const fromLog = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (cause) {
    throw trouble(cause);
  }
};

/** The same batches; marks what the log throws as the log's. */
export async function* readingLog(
  batches: AsyncIterable<readonly Recorded[]>,
): AsyncIterable<readonly Recorded[]> {
  try {
    yield* batches;
  } catch (cause) {
    throw trouble(cause);
  }
}

const trouble = (cause: unknown): LogTrouble =>
  new LogTrouble(
    `the log cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    { cause },
  );
