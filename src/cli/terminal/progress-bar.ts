import { createRequire } from 'node:module';
import type { SingleBar } from 'cli-progress';
import { monotonic } from '../../runtime/clock.ts';

const load = createRequire(import.meta.url);
/** Loaded when a bar is drawn, not at each start of a server or of a command. */
const library = (): typeof import('cli-progress') => load('cli-progress');

/** No bar is shown before, in ms. */
const quietMs = 2000;

/**
 * Progress bars on a terminal, one after the other, with the rate and the time left; elsewhere nothing is shown. One of
 * another unit starts, and so does one after `stop`.
 */
export const progressBar = () => {
  let begun = monotonic();
  let current = '';
  let bar: SingleBar | undefined;
  const stop = (): void => {
    bar?.stop();
    [bar, current, begun] = [undefined, '', monotonic()];
  };
  const begin = (total: number, unit: string): SingleBar => {
    const format = `{bar} {percentage} % | {value}/{total} ${unit} | {rate}/s | {eta_formatted} left`;
    const { Presets, SingleBar } = library();
    const made = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.rect);
    made.start(total, 0, { rate: 0 });
    return made;
  };
  return {
    update(value: number, total: number, unit: string): void {
      if (current !== '' && unit !== current) stop();
      current = unit;
      const elapsed = monotonic() - begun;
      if (!process.stderr.isTTY || elapsed < quietMs) return;
      bar ??= begin(total, unit);
      bar.update(value, { rate: Math.round((value / elapsed) * 1000) });
    },
    stop,
  };
};
