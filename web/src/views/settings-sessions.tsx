import { wholeList } from '../../../src/client/http.ts';
import type { Session } from '../../../src/client/objects.ts';
import { agoLabel, deviceOf, fullLabel } from '../state/labels.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Loaded, useLoading } from './loaded.tsx';

/** The user's sessions, with buttons to end them. */
export const SessionSettings = () => {
  const app = useApp();
  const loading = useLoading(async () => {
    const sessions = await wholeList((page) => app.http.sessions(page), 'sessions');
    return sessions.toSorted(
      (a, b) => Number(b.current) - Number(a.current) || b.lastSeenAt - a.lastSeenAt,
    );
  });
  const run = (action: Promise<void>): void => app.attempt(action.then(loading.load));
  return (
    <Loaded what="The sessions" loading={loading}>
      {(sessions) => (
        <>
          <ul class="sessions">
            {sessions.map((session) => (
              <SessionEntry
                key={session.id}
                session={session}
                onEnd={() => run(app.http.closeSession(session.id))}
              />
            ))}
          </ul>
          {sessions.some(({ current }) => !current) && (
            <Button kind="danger" onClick={() => run(app.http.closeOtherSessions())}>
              Log out all other sessions
            </Button>
          )}
        </>
      )}
    </Loaded>
  );
};

type SessionEntryProps = { readonly session: Session; readonly onEnd: () => void };

const SessionEntry = ({ session, onEnd }: SessionEntryProps) => {
  const { userAgent, createdAt, lastSeenAt, current } = session;
  const device = deviceOf(userAgent);
  return (
    <li class="session">
      <div>
        <strong>{device}</strong>
        {current && <span class="role">current</span>}
        <p class="quiet">
          Active {agoLabel(lastSeenAt, Date.now())} · since {fullLabel(createdAt)}
        </p>
      </div>
      {!current && (
        <Button label={`Log out ${device}`} onClick={onEnd}>
          Log out
        </Button>
      )}
    </li>
  );
};
