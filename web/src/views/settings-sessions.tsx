import { every } from '../../../src/client/http.ts';
import type { Session } from '../../../src/client/objects.ts';
import { agoLabel, deviceOf, fullLabel } from '../state/labels.ts';
import { Button } from './button.tsx';
import { useApp } from './context.ts';
import { Loaded, useLoading } from './loaded.tsx';

/** The user's sessions, with buttons to end them. */
export const SessionSettings = () => {
  const app = useApp();
  const loading = useLoading(async () => {
    const found: Session[] = [];
    for await (const session of every((page) => app.http.sessions(page), 'sessions'))
      found.push(session);
    return found.toSorted((a, b) => Number(b.current) - Number(a.current) || lastOf(b) - lastOf(a));
  });
  const run = (done: Promise<void>): void => {
    done.then(loading.load).catch((error: unknown) => app.fail(error));
  };
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

const lastOf = ({ lastSeenAt = 0 }: Session): number => lastSeenAt;

const SessionEntry = ({
  session,
  onEnd,
}: {
  readonly session: Session;
  readonly onEnd: () => void;
}) => {
  const { userAgent, createdAt, lastSeenAt, current } = session;
  const device = deviceOf(userAgent);
  return (
    <li class="session">
      <div>
        <strong>{device}</strong>
        {current && <span class="role">current</span>}
        <p class="quiet">
          {lastSeenAt !== undefined && `Active ${agoLabel(lastSeenAt, Date.now())}`}
          {createdAt !== undefined && ` · since ${fullLabel(createdAt)}`}
        </p>
      </div>
      {!current && (
        <button type="button" class="button quiet" aria-label={`Log out ${device}`} onClick={onEnd}>
          Log out
        </button>
      )}
    </li>
  );
};
