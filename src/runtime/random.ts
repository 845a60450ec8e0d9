import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';

/** Unpredictable bytes. */
export const randomSecret = (bytes: number): Buffer => randomBytes(bytes);

export const fillRandom = (buffer: Buffer): void => void randomFillSync(buffer);

/** A version 4 UUID. */
export const randomId = (): string => randomUUID();

/** A number from 0 to 1, 1 excluded, for what need not be unpredictable. */
export const chance = (): number => Math.random();
