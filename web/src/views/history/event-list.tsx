import { useComputed } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { keyOf } from '../../state/history/audit-log.ts';
import { lastUpTo } from '../../state/history/life.ts';
import { counted, dayLabel, dayOf } from '../../state/labels.ts';
import { Button } from '../button.tsx';
import { moveFocus } from '../roving.ts';
import { Entry, type EntryProps } from './entry.tsx';
import { FilterForm } from './filter-form.tsx';
import type { HistoryProps } from './history-page.tsx';

/** More is loaded within this distance from the end of the list, in px. */
const nearEndPx = 600;

/** The events, newest first, with their filters. */
export const EventList = ({ room, log, past }: HistoryProps) => {
  const list = useRef<HTMLDivElement>(null);
  const marked = useComputed(() => {
    const at = past.at.value;
    const found = at === undefined ? undefined : lastUpTo(log.entries.value, at);
    return found && keyOf(found);
  }).value;
  const upTo = log.upTo.value;
  useEffect(() => list.current?.scrollTo(0, 0), [upTo]);
  useEffect(() => {
    if (marked === undefined) return;
    list.current?.querySelector('.marked')?.scrollIntoView({ block: 'nearest' });
  }, [marked]);
  const look = (): void => {
    const area = list.current;
    if (!area) return;
    const left = area.scrollHeight - area.scrollTop - area.clientHeight;
    if (left < nearEndPx && !log.isFull) void log.readMore();
  };
  return (
    <section class="event-list" aria-label="Events" ref={list} onScroll={look}>
      <FilterForm {...{ room, log, past }} />
      {upTo !== undefined && (
        <p class="list-note">
          <span>Later events are hidden.</span>
          <button type="button" class="text-button" onClick={() => past.goTo(undefined)}>
            Show them
          </button>
        </p>
      )}
      <Entries {...{ room, log, past, marked }} />
    </section>
  );
};

type EntriesProps = HistoryProps & { readonly marked: string | undefined };

const Entries = ({ room, log, past, marked }: EntriesProps) => {
  const entries = log.entries.value;
  const isLoading = log.state.value === 'loading';
  const isEmpty = !isLoading && entries.length === 0 && log.problem.value === '';
  const nothing =
    log.next.value === undefined ? 'No events match these filters.' : 'No matching events so far.';
  return (
    <>
      <div role="status" class="visually-hidden">
        {!isLoading && counted(entries.length, 'event')}
      </div>
      {isLoading && <span class="spinner" role="status" aria-label="Loading the log" />}
      {log.problem.value !== '' && (
        <div class="list-note" role="alert">
          <span>{log.problem.value}</span>
          <Button onClick={() => void (entries.length > 0 ? log.readMore() : log.read())}>
            Try again
          </Button>
        </div>
      )}
      {isEmpty && <p class="no-results">{nothing}</p>}
      <ol class="entries" onKeyDown={(event) => moveFocus(event, 'summary')}>
        {entries.map((entry, index) => (
          <DayAndEntry
            key={keyOf(entry)}
            {...{ room, past, entry, isMarked: keyOf(entry) === marked, isFirst: index === 0 }}
            isNewDay={dayOf(entry.at) !== dayOf(entries[index - 1]?.at ?? Number.NaN)}
          />
        ))}
      </ol>
      {log.next.value !== undefined && !isLoading && (
        <div class="more-line">
          <Button onClick={() => void log.readMore()}>Show earlier events</Button>
        </div>
      )}
    </>
  );
};

type RowProps = EntryProps & { readonly isNewDay: boolean };

const DayAndEntry = ({ isNewDay, ...props }: RowProps) => (
  <>
    {isNewDay && (
      <li class="day-line">
        <span>{dayLabel(props.entry.at, Date.now())}</span>
      </li>
    )}
    <Entry {...props} />
  </>
);
