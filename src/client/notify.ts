/** Calls a handler. What it throws is its owner's: it goes to the platform and disturbs nothing here. */
export const notify = <T>(handler: ((value: T) => void) | undefined, value: T): void => {
  try {
    handler?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
