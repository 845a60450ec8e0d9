import { performance as nodePerformance } from 'node:perf_hooks';

/** The wall clock, in ms since 1970. It may be set forward or back at any time. */
export const wallClock = (): number => Date.now();

/** A clock that only goes forward, in ms, for durations. */
export const monotonic = (): number => performance.now();

/** How long the event loop of this process has been busy, in ms. */
export const busyTime = (): number => nodePerformance.eventLoopUtilization().active;
