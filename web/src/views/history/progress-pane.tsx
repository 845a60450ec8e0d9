import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Progress } from '../../../../src/client/objects.ts';
import { whileVisible } from '../../browser/polling.ts';
import { errorText } from '../../state/errors.ts';
import { progressOf } from '../../state/history/progress.ts';
import { useApp } from '../context.ts';
import type { HistoryProps } from './history-page.tsx';

const everyMs = 2_000;

/** The progress of the projections, polled while visible. */
export const ProgressPane = ({ room }: Pick<HistoryProps, 'room'>) => {
  const { http } = useApp();
  const known = useSignal<readonly Progress[] | undefined>(undefined);
  const problem = useSignal('');
  useEffect(() => {
    const read = async (): Promise<void> => {
      try {
        known.value = await http.projections(room.id);
        problem.value = '';
      } catch (error) {
        problem.value = errorText(error);
      }
    };
    return whileVisible(read, everyMs);
  }, [room]);
  return (
    <section class="pane progress" aria-label="Projections">
      <h2>Projections</h2>
      <p class="quiet">Read models that are built from the log.</p>
      {problem.value !== '' && <p class="hint error">{problem.value}</p>}
      <ul>
        {known.value?.map((progress) => (
          <ProgressRow key={`${progress.name} ${progress.version}`} progress={progress} />
        ))}
      </ul>
    </section>
  );
};

const ProgressRow = ({ progress }: { readonly progress: Progress }) => {
  const { name, version } = progress;
  const { words, done, whole, state } = progressOf(progress);
  return (
    <li class={`projection ${state}`}>
      <span>
        {name} <span class="quiet">v{version}</span>
      </span>
      <span class="projection-state">{words}</span>
      <progress aria-label={`${name} v${version}`} value={done} max={whole} />
    </li>
  );
};
