import { useSignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { isolate } from '../../../../src/text/direction.ts';
import type { App } from '../../app.ts';
import { whileVisible } from '../../browser/polling.ts';
import type { Chat } from '../../state/chat.ts';
import type { CircleRoom } from '../../state/circle-room.ts';
import { AuditLog } from '../../state/history/audit-log.ts';
import { exportPath } from '../../state/history/filters.ts';
import { Past } from '../../state/history/past.ts';
import { useApp, useChat } from '../context.ts';
import { Icon } from '../icon.tsx';
import { Main } from '../main-area.tsx';
import { MiddleHead } from '../middle-head.tsx';
import { EventList } from './event-list.tsx';
import { PastPane } from './past-pane.tsx';
import { ProgressPane } from './progress-pane.tsx';
import { Scrubber } from './scrubber.tsx';

/** The interval of refreshes, in ms. */
const refreshMs = 10_000;

export type HistoryProps = {
  readonly room: CircleRoom;
  readonly log: AuditLog;
  readonly past: Past;
};

/** The history of one circle: events, past states, and the progress of the projections. */
export const HistoryPage = ({ room }: { readonly room: CircleRoom }) => {
  const app = useApp();
  const chat = useChat();
  const [{ log, past }] = useState(() => opened(app, chat, room));
  useEffect(() => {
    void log.read();
    void past.open();
    void room.openMembers();
    return () => past.close();
  }, [log, past, room]);
  // Events of the circle arrive live; those of its streams are polled.
  const n = room.circle.value?.n;
  useEffect(() => void log.refresh(), [n]);
  useEffect(() => whileVisible(() => log.refresh(), refreshMs), [log]);
  return (
    <Main
      class="middle history"
      label="History"
      title={`History · ${isolate(room.entry.value.name)}`}
    >
      <MiddleHead title="History" about={isolate(room.entry.value.name)}>
        <Export {...{ room, log }} format="csv" label="CSV" />
        <Export {...{ room, log }} format="ndjson" label="NDJSON" />
      </MiddleHead>
      <Scrubber {...{ log, past }} />
      {app.isWide.value ? (
        <div class="history-body">
          <EventList {...{ room, log, past }} />
          <div class="history-side">
            <PastPane {...{ room, past }} />
            <ProgressPane room={room} />
          </div>
        </div>
      ) : (
        <Tabs {...{ room, log, past }} />
      )}
    </Main>
  );
};

const opened = (app: App, chat: Chat, room: CircleRoom): Pick<HistoryProps, 'log' | 'past'> => {
  const { http } = app;
  const log = new AuditLog(room.id, { http, onUsers: (users) => chat.people.learn(users) });
  const past = new Past(room.id, {
    http,
    now: () => chat.client.now(),
    onUsers: (users) => chat.people.learn(users),
    onRest: (at) => void log.reach(at),
  });
  return { log, past };
};

type ExportProps = Pick<HistoryProps, 'room' | 'log'> & {
  readonly format: 'csv' | 'ndjson';
  readonly label: string;
};

/** A download of all matching events. */
const Export = ({ room, log, format, label }: ExportProps) => (
  <a
    class="button export"
    href={exportPath(room.id, log.filters.value, format)}
    download={`history.${format}`}
    aria-label={`Export as ${label}`}
    title={`Export as ${label}`}
  >
    <Icon name="download" />
    <span>{label}</span>
  </a>
);

const tabs = ['Log', 'State', 'Projections'] as const;

/** On narrow screens one view at a time. */
const Tabs = (props: HistoryProps) => {
  const shown = useSignal<(typeof tabs)[number]>('Log');
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs.at((tabs.indexOf(shown.value) + step) % tabs.length) ?? shown.value;
    shown.value = next;
    document.getElementById(`tab ${next}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label="History views" onKeyDown={move}>
        {tabs.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab ${name}`}
            aria-selected={shown.value === name}
            aria-controls="history-part"
            tabIndex={shown.value === name ? 0 : -1}
            onClick={() => {
              shown.value = name;
            }}
          >
            {name}
          </button>
        ))}
      </div>
      <div class="history-body" role="tabpanel" id="history-part" aria-label={shown.value}>
        {shown.value === 'Log' && <EventList {...props} />}
        {shown.value === 'State' && (
          <div class="history-side">
            <PastPane {...props} />
          </div>
        )}
        {shown.value === 'Projections' && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it holds nothing to focus, and keys must scroll it.
          <div class="history-side" tabIndex={0}>
            <ProgressPane {...props} />
          </div>
        )}
      </div>
    </>
  );
};
