/** The size of a value in a frame, in bytes: its JSON and a comma. */
export const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;
