import { effect, useSignal } from '@preact/signals';
import type { AuditEntry } from '../../../../src/client/objects.ts';
import { isolate } from '../../../../src/text/direction.ts';
import { comparisonOf } from '../../state/history/comparison.ts';
import { sentenceOf } from '../../state/history/sentences.ts';
import { exactClockLabel, exactLabel } from '../../state/labels.ts';
import { Button } from '../button.tsx';
import { useApp, useChat } from '../context.ts';
import type { HistoryProps } from './history-page.tsx';
import { Sentence } from './sentence.tsx';

export type EntryProps = Pick<HistoryProps, 'room' | 'past'> & {
  readonly entry: AuditEntry;
  /** Whether it is the last event at the selected time. */
  readonly isMarked: boolean;
  /** Whether the Tab key enters the list here. */
  readonly isFirst: boolean;
};

/** One event: a sentence; expanded, all its details. */
export const Entry = (props: EntryProps) => {
  const { room, past, entry, isMarked, isFirst } = props;
  const isOpen = useSignal(false);
  return (
    <li class={isMarked ? 'entry marked' : 'entry'} aria-current={isMarked ? 'true' : undefined}>
      <details
        onToggle={(event) => {
          isOpen.value = event.currentTarget.open;
        }}
      >
        <summary tabIndex={isFirst ? 0 : -1}>
          <time dateTime={new Date(entry.at).toISOString()} title={exactLabel(entry.at)}>
            {exactClockLabel(entry.at)}
          </time>
          <Sentence parts={sentenceOf(entry)} {...{ room, past }} />
        </summary>
        {isOpen.value && <Opened {...props} />}
      </details>
    </li>
  );
};

const Opened = (props: EntryProps) => {
  const { past, entry } = props;
  return (
    <div class="entry-body">
      <Comparison {...props} />
      <dl class="entry-details">
        <Stamp label="When" value={exactLabel(entry.at)} />
        <Stamp label="Kind" value={entry.k} isCode />
        <Stamp label="Number" value={`${entry.n} in its ${entry.of}`} />
        <Stamp label="Position" value={entry.position} isCode />
        <Stamp label="Session" value={entry.session ?? 'unknown'} isCode />
        <Stamp label="Connection" value={entry.connection ?? 'unknown'} isCode />
      </dl>
      <div class="entry-actions">
        <Button onClick={() => past.goTo(entry.at)}>View at this time</Button>
        <GoToMessage {...props} />
      </div>
    </div>
  );
};

type StampProps = { readonly label: string; readonly value: string; readonly isCode?: boolean };

const Stamp = ({ label, value, isCode = false }: StampProps) => (
  <div>
    <dt>{label}</dt>
    <dd>{isCode && !value.includes(' ') ? <code>{value}</code> : value}</dd>
  </div>
);

/** The changed fields, side by side. */
const Comparison = ({ room, entry }: EntryProps) => {
  const rows = comparisonOf(entry, (user) => isolate(room.nameOf(user)));
  if (rows.length === 0) return null;
  return (
    <table class="comparison">
      <thead>
        <tr>
          <td />
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ field, label, before, after }) => (
          <tr key={field}>
            <th scope="row">{label}</th>
            <Value text={before} />
            <Value text={after} />
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const Value = ({ text }: { readonly text: string | undefined }) => (
  <td dir="auto">{text ?? <span class="quiet">–</span>}</td>
);

/** Opens the message of the event, if its stream still exists. */
const GoToMessage = ({ room, entry }: EntryProps) => {
  const app = useApp();
  const chat = useChat();
  const { stream, message } = entry;
  if (stream === undefined || message === undefined || !room.stream(stream)) return null;
  const go = (): void => {
    const circle = room.id;
    app.navigation.go({ at: 'circle', circle, stream });
    const conversation = chat.conversation(`${circle}/${stream}`);
    let isDone = false;
    const jump = async (): Promise<void> => {
      stop();
      if (!(await conversation.jumpToId(message))) app.notify('Message not found.');
    };
    // The first render sets the initial position, so the jump follows it.
    const stop = effect(() => {
      const isShown = conversation.isShown.value && conversation.state.value !== 'loading';
      if (!isShown || isDone) return;
      isDone = true;
      setTimeout(() => void jump());
    });
  };
  return <Button onClick={go}>Go to the message</Button>;
};
