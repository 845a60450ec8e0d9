import { configOf, environment } from '../config.ts';
import { storageOf } from '../engine/engine.ts';
import type { Storage } from '../engine/storage.ts';

/** The storage that the environment configures. */
export const configuredStorage = async (): Promise<Storage> => storageOf(configOf(environment()));
