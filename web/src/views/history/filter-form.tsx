import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { isolate } from '../../../../src/text/direction.ts';
import type { CircleRoom } from '../../state/circle-room.ts';
import { codeOf, errorText } from '../../state/errors.ts';
import {
  beginOf,
  countOf,
  endOf,
  type Filters,
  fieldOf,
  withFilter,
} from '../../state/history/filters.ts';
import type { Past } from '../../state/history/past.ts';
import { kindLabels } from '../../state/history/sentences.ts';
import { Button } from '../button.tsx';
import { useApp, useChat } from '../context.ts';
import { Select } from '../select.tsx';
import type { HistoryProps } from './history-page.tsx';

/** The filters of the list, collapsed on a phone. */
export const FilterForm = ({ room, log, past }: HistoryProps) => {
  const { isPhone } = useApp();
  const filters = log.filters.value;
  const count = countOf(filters);
  const set = <Name extends keyof Filters>(name: Name, value: Filters[Name] | undefined): void => {
    void log.filter(withFilter(log.filters.value, name, value));
  };
  const people = useSuggestions({ room, log });
  /** Incremented when all filters are cleared, to reset invalid input. */
  const cleared = useSignal(0);
  return (
    <details class="filters" open={!isPhone.value || count > 0}>
      <summary>{count === 0 ? 'Filters' : `Filters (${count})`}</summary>
      <form key={cleared.value} aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
        <PersonFilter
          label="Actor"
          {...{ room, people, id: filters.by, onChange: (id) => set('by', id) }}
        />
        <PersonFilter
          label="Affected member"
          {...{ room, people, id: filters.user, onChange: (id) => set('user', id) }}
        />
        <Select
          label="Kind"
          options={[any, ...kindLabels]}
          value={filters.kind ?? ''}
          onChange={(kind) => set('kind', kind || undefined)}
        />
        <Select
          label="Stream"
          options={[any, ...streamsOf(room, past)]}
          value={filters.stream ?? ''}
          onChange={(stream) => set('stream', stream || undefined)}
        />
        <TimeFilter label="Since" at={filters.since} onChange={(at) => set('since', at)} />
        <TimeFilter label="Until" at={filters.until} isEnd onChange={(at) => set('until', at)} />
        {count > 0 && (
          <Button
            onClick={() => {
              cleared.value += 1;
              void log.filter({});
            }}
          >
            Clear filters
          </Button>
        )}
      </form>
    </details>
  );
};

type Suggestion = { readonly username: string; readonly name: string };

/** The members, and the users in loaded entries. */
const useSuggestions = ({ room, log }: Pick<HistoryProps, 'room' | 'log'>): Suggestion[] => {
  const { people } = useChat();
  const ids = new Set([
    ...(room.members.value?.keys() ?? []),
    ...log.entries.value.flatMap(({ by, user }) => (user === undefined ? [by] : [by, user])),
  ]);
  return [...ids].flatMap((id) => {
    const found = people.get(id);
    return found ? [{ username: found.username, name: room.nameOf(id) }] : [];
  });
};

type PersonFilterProps = Pick<HistoryProps, 'room'> & {
  readonly label: string;
  readonly people: readonly Suggestion[];
  readonly id: string | undefined;
  readonly onChange: (id: string | undefined) => void;
};

/** A user by username, including former members. */
const PersonFilter = ({ label, people: suggested, id, onChange }: PersonFilterProps) => {
  const { http } = useApp();
  const { people } = useChat();
  const list = useId();
  const problem = useSignal('');
  const find = async (typed: string): Promise<void> => {
    const username = typed.trim().replace(/^@/, '');
    problem.value = '';
    if (username === '') return onChange(undefined);
    try {
      const found = await http.userByName(username);
      people.learn([found]);
      onChange(found.id);
    } catch (error) {
      const isNobody = codeOf(error) === 'not-found' || codeOf(error) === 'bad-request';
      problem.value = isNobody ? 'No user has this username.' : errorText(error);
    }
  };
  return (
    <label>
      <span>{label}</span>
      <input
        list={list}
        dir="auto"
        placeholder="any user"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={id === undefined ? '' : people.get(id)?.username}
        aria-invalid={problem.value !== ''}
        onChange={(event) => void find(event.currentTarget.value)}
      />
      <datalist id={list}>
        {suggested.map(({ username, name }) => (
          <option key={username} value={username}>
            {isolate(name)}
          </option>
        ))}
      </datalist>
      {problem.value !== '' && (
        <span class="hint error" role="alert">
          {problem.value}
        </span>
      )}
    </label>
  );
};

const any = ['', 'any'] as const;

/** The streams at the selected time, and the current ones. */
const streamsOf = (room: CircleRoom, past: Past): [id: string, label: string][] => {
  const streams = [...(past.shown.value?.streams ?? []), ...room.streams];
  return [...new Map(streams.map(({ id, name }) => [id, `#${isolate(name)}`]))];
};

type TimeFilterProps = {
  readonly label: string;
  readonly at: number | undefined;
  readonly isEnd?: boolean;
  readonly onChange: (at: number | undefined) => void;
};

const TimeFilter = ({ label, at, isEnd = false, onChange }: TimeFilterProps) => (
  <label>
    <span>{label}</span>
    <input
      type="datetime-local"
      step={1}
      value={fieldOf(at === undefined || !isEnd ? at : at - 1)}
      onChange={({ currentTarget: { value } }) => {
        const end = endOf(value);
        onChange(isEnd ? end && end + 1 : beginOf(value));
      }}
    />
  </label>
);
