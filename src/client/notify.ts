/** Calls a handler. An error that it throws is reported to the platform and has no effect here. */
export const notify = <T>(handler: ((value: T) => void) | undefined, value: T): void => {
  try {
    handler?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
};
