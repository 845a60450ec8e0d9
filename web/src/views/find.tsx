import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Circle } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import { errorText } from '../state/errors.ts';
import { counted } from '../state/labels.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import { useApp, useChat } from './context.ts';
import { Icon } from './icon.tsx';
import { useJoin } from './joining.ts';
import { Failure } from './loaded.tsx';
import { Main } from './main-area.tsx';
import { MiddleHead } from './middle-head.tsx';

/** The delay after typing before a search, in ms. */
const pauseMs = 200;

/** The public circles of this server. */
export const Find = () => {
  const { query, found, next, problem, readMore } = useDirectory();
  return (
    <Main class="middle find" label="Find a circle">
      <MiddleHead title="Find a circle" />
      <div class="find-body">
        <label class="search">
          <Icon name="search" />
          <span class="visually-hidden">Search public circles</span>
          <input
            type="search"
            dir="auto"
            placeholder="Search public circles"
            value={query.value}
            onInput={(event) => {
              query.value = event.currentTarget.value;
            }}
          />
        </label>
        <div role="status" class="visually-hidden">
          {found.value && counted(found.value.length, 'circle')}
        </div>
        {problem.value !== '' && (
          <Failure {...{ what: 'The circles', problem: problem.value, retry: readMore }} />
        )}
        {!found.value && problem.value === '' && (
          <span class="spinner" role="status" aria-label="Loading circles" />
        )}
        {found.value?.length === 0 && problem.value === '' && (
          <p class="no-results">No public circles match your search.</p>
        )}
        <ul class="directory">
          {found.value?.map((circle) => (
            <DirectoryEntry key={circle.id} circle={circle} />
          ))}
        </ul>
        {next.value !== undefined && problem.value === '' && (
          <Button onClick={readMore}>Show more</Button>
        )}
      </div>
    </Main>
  );
};

const useDirectory = () => {
  const app = useApp();
  const query = useSignal('');
  const found = useSignal<readonly Circle[] | undefined>(undefined);
  const next = useSignal<string | undefined>(undefined);
  const problem = useSignal('');
  const requests = useRef(0);
  const read = async (cursor?: string): Promise<void> => {
    requests.current += 1;
    const request = requests.current;
    const q = query.value.trim();
    try {
      const page = await app.http.directory({ cursor, ...(q !== '' && { q }) });
      if (request !== requests.current) return;
      found.value = [...((cursor && found.value) || []), ...page.circles];
      next.value = page.next;
      problem.value = '';
    } catch (error) {
      if (request !== requests.current) return;
      problem.value = errorText(error);
      if (cursor === undefined) found.value = next.value = undefined;
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => void read(), found.value ? pauseMs : 0);
    return () => clearTimeout(timer);
  }, [query.value]);
  return { query, found, next, problem, readMore: () => void read(next.value) };
};

const DirectoryEntry = ({ circle }: { readonly circle: Circle }) => {
  const app = useApp();
  const { memberships } = useChat();
  const join = useJoin();
  const isIn = memberships.circles.value.has(circle.id);
  return (
    <li class="directory-entry">
      <Avatar id={circle.id} name={circle.name} isSquare />
      <div>
        <h2>
          <bdi>{circle.name}</bdi>
        </h2>
        {circle.about && <p dir="auto">{circle.about}</p>}
        <p class="quiet">{counted(circle.members, 'member')}</p>
      </div>
      {isIn ? (
        <Button label={`Open ${isolate(circle.name)}`} onClick={() => app.goToCircle(circle.id)}>
          Open
        </Button>
      ) : (
        <Button
          kind="main"
          label={`Join ${isolate(circle.name)}`}
          onClick={() => void join(circle.id)}
        >
          Join
        </Button>
      )}
    </li>
  );
};
