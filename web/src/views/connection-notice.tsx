import { useEffect, useState } from 'preact/hooks';
import { Button } from './button.tsx';
import { useApp } from './context.ts';

/** Shorter interruptions are not reported, in ms. */
const quietMs = 2_000;

/** Reports a connection that has been lost for a while. */
export const ConnectionNotice = () => {
  const chat = useApp().chat.value;
  const state = chat?.connection.value ?? 'open';
  const link = chat?.client.state;
  const isAway = state === 'connecting' || state === 'waiting';
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (!isAway) return;
    const timer = setTimeout(() => setLong(true), quietMs);
    return () => clearTimeout(timer);
  }, [isAway]);
  return (
    <div role="status" aria-label="Connection" class="connection">
      {isAway && isLong && (
        <p>
          <span class="spinner" /> Reconnecting… Messages are sent when the connection is back.
          <Button onClick={() => chat?.client.retry()}>Try now</Button>
        </p>
      )}
      {link?.state === 'closed' && (
        <p>
          The connection is over: {link.reason}.{' '}
          <Button onClick={() => location.reload()}>Reload</Button>
        </p>
      )}
    </div>
  );
};
