import { randomBytes, randomFillSync, randomUUID } from 'node:crypto';

/** Bytes that nobody can guess. */
export const randomSecret = (bytes: number): Buffer => randomBytes(bytes);

/** Fills a buffer with bytes that nobody can guess. */
export const fillRandom = (buffer: Buffer): void => void randomFillSync(buffer);

/** A version 4 UUID. */
export const randomId = (): string => randomUUID();

/** A number from 0 up to 1, 1 excluded, for what nobody need be unable to guess. */
export const chance = (): number => Math.random();
