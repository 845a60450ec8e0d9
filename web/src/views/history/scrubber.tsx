import { endOf, fieldOf } from '../../state/history/filters.ts';
import { stepAt, stepsMax, timeAt } from '../../state/history/life.ts';
import { exactLabel } from '../../state/labels.ts';
import { Button, IconButton } from '../button.tsx';
import { useApp } from '../context.ts';
import type { HistoryProps } from './history-page.tsx';

/** A slider over the lifetime of the circle. */
export const Scrubber = ({ log, past }: Pick<HistoryProps, 'log' | 'past'>) => {
  const app = useApp();
  const life = past.life.value;
  const at = past.at.value;
  const step = async (way: 'later' | 'earlier'): Promise<void> => {
    try {
      const time = await log.neighbour(past.at.value, way);
      if (time !== undefined || way === 'later') past.goTo(time);
    } catch (error) {
      app.fail(error);
    }
  };
  return (
    <section class="scrubber" aria-label="Point in time">
      <div class="scrubber-line">
        <IconButton icon="back" label="Previous event" onClick={() => void step('earlier')} />
        <input
          type="range"
          min={0}
          max={stepsMax}
          step={1}
          value={life ? stepAt(at, life) : stepsMax}
          disabled={!life}
          aria-label="Point in time"
          aria-valuetext={at === undefined ? 'now' : exactLabel(at)}
          onInput={(event) => {
            if (life) past.goTo(timeAt(Number(event.currentTarget.value), life));
          }}
        />
        <IconButton icon="forward" label="Next event" onClick={() => void step('later')} />
      </div>
      <div class="scrubber-when">
        <label>
          <span class="visually-hidden">Date and time</span>
          <input
            type="datetime-local"
            step={1}
            value={fieldOf(at)}
            onChange={(event) => past.goTo(endOf(event.currentTarget.value))}
          />
        </label>
        <Button onClick={() => past.goTo(undefined)}>Now</Button>
      </div>
    </section>
  );
};
