import { afterEach, beforeEach, describe } from 'vitest';
import { appendContract } from './event-log/appending.ts';
import { conflictContract } from './event-log/conflicts.ts';
import { logLaws } from './event-log/laws.ts';
import { limitContract } from './event-log/limits.ts';
import { liveContract } from './event-log/live.ts';
import type { OpenedLog } from './event-log/opened.ts';
import { placeContract } from './event-log/places.ts';
import { readContract } from './event-log/reading.ts';
import { reopenContract } from './event-log/reopening.ts';

/** What every event log promises. `open` gives a log that holds nothing yet; called for each test. */
export const eventLogContract = (name: string, open: () => Promise<OpenedLog>): void => {
  describe(`an event log: ${name}`, () => {
    let opened: OpenedLog | undefined;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(async () => {
      await opened?.dispose();
      opened = undefined;
    });
    const current = (): OpenedLog => {
      if (!opened) throw new Error('the log is not open');
      return opened;
    };
    describe('append and tail', () => appendContract(current));
    describe('conflicts', () => conflictContract(current));
    describe('what a commit holds', () => limitContract(current));
    describe('read and scan', () => readContract(current));
    describe('places', () => placeContract(current));
    describe('live', () => liveContract(current));
    describe('reopening', () => reopenContract(current));
    describe('laws', () => logLaws(current));
  });
};
