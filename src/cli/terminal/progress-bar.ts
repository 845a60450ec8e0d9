import { Presets, SingleBar } from 'cli-progress';
import { monotonic } from '../../runtime/clock.ts';

/** No bar is shown before, in ms. */
const quietMs = 2000;

/** A progress bar on a terminal, with the rate and the time left; elsewhere nothing is shown. */
export const progressBar = (total: number, unit: string) => {
  const begun = monotonic();
  let bar: SingleBar | undefined;
  const begin = (): SingleBar => {
    const format = `{bar} {percentage} % | {value}/{total} ${unit} | {rate}/s | {eta_formatted} left`;
    const made = new SingleBar({ format, stream: process.stderr, hideCursor: true }, Presets.rect);
    made.start(total, 0, { rate: 0 });
    return made;
  };
  return {
    update(value: number): void {
      const elapsed = monotonic() - begun;
      if (!process.stderr.isTTY || elapsed < quietMs) return;
      bar ??= begin();
      bar.update(value, { rate: Math.round((value / elapsed) * 1000) });
    },
    stop(): void {
      bar?.stop();
    },
  };
};
