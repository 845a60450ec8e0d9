import type { EventKind } from './kinds.ts';

/**
 * How the data of an old version becomes that of the next: `lifts[kind][v]` turns version `v` into `v + 1`.
 * Pure, and kept for ever: the log is never rewritten.
 */
export const lifts: Partial<Record<EventKind, Record<number, (data: unknown) => unknown>>> = {};
