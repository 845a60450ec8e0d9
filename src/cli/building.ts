import { type Building, textOf } from '../projections/building/building.ts';
import { monotonic } from '../runtime/clock.ts';
import { sleep } from '../runtime/timers.ts';
import { progressBar } from './terminal/progress-bar.ts';

const lookMs = 250;
/** What takes less is not reported, in ms. */
const quietMs = 2_000;
/** The interval of lines where there is no terminal, in ms. */
const lineEveryMs = 30_000;

/** Reports the progress of read models until they are built: as a bar on a terminal, elsewhere as lines. */
export const showBuilding = async (
  building: () => Building | undefined,
  say: (line: string) => void,
): Promise<void> => {
  const bar = progressBar();
  const first = building()?.applied ?? 0;
  let nextLineMs = monotonic() + quietMs;
  let isReported = false;
  for (let now = building(); now; now = building()) {
    if (monotonic() >= nextLineMs) {
      if (!(isReported && process.stderr.isTTY)) say(lineOf(now));
      isReported = true;
      nextLineMs += lineEveryMs;
    }
    bar.update(now.applied - first, now.total - first, 'commits');
    await sleep(lookMs, { ref: false });
  }
  bar.stop();
  if (isReported) say('The read models are built.');
};

const namesMax = 3;

const lineOf = (building: Building): string => {
  const { models } = building;
  const line = `R${textOf(building).slice(1)}`;
  if (models.length === 0) return line;
  const which = models.length > namesMax ? '' : ` of ${models.join(', ')}`;
  return `${line}; reads${which} are unavailable until then, posts and live events are not`;
};
