/**
 * Loaded before a program (`--import <this file>?<path>`): its wall clock is ahead by what the file at the path holds, in
 * ms, which is read when it starts and at each SIGUSR2. Durations are not touched.
 */
import { readFileSync } from 'node:fs';

const RealDate = globalThis.Date;
const ahead = () =>
  Number(readFileSync(decodeURIComponent(new URL(import.meta.url).search.slice(1)), 'utf8'));
let aheadMs = ahead();

process.on('SIGUSR2', () => {
  aheadMs = ahead();
});

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + aheadMs] : given));
  }

  static now() {
    return RealDate.now() + aheadMs;
  }
};
