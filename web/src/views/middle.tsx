import { useEffect } from 'preact/hooks';
import type { CircleRoom } from '../state/circle-room.ts';
import { useApp, useChat } from './context.ts';
import { ConversationView } from './conversation.tsx';
import { Find } from './find.tsx';
import { HistoryRoute } from './history-route.tsx';
import { Home } from './home.tsx';
import { InvitePage } from './invite.tsx';
import { NotFound, UnknownAddress, Waiting } from './not-found.tsx';
import { Settings } from './settings.tsx';
import { UnsentTexts } from './unsent-texts.tsx';

/** The view of the current route. */
export const Middle = () => {
  const route = useApp().navigation.route.value;
  switch (route.at) {
    case 'home':
      return <Home />;
    case 'find':
      return <Find />;
    case 'history':
      return <HistoryRoute circle={route.circle} />;
    case 'invite':
      return <InvitePage key={route.code} code={route.code} />;
    case 'settings':
      return <Settings section={route.section} />;
    case 'circle':
      return <CircleRoute circle={route.circle} stream={route.stream} />;
    case 'not-found':
      return <UnknownAddress />;
  }
};

type CircleRouteProps = { readonly circle: string; readonly stream: string | undefined };

const CircleRoute = ({ circle, stream }: CircleRouteProps) => {
  const { memberships } = useChat();
  const room = memberships.circles.value.get(circle);
  if (room) return <StreamRoute key={circle} room={room} stream={stream} />;
  if (!memberships.isKnown.value) return <Waiting following={memberships.following} />;
  return <NotFound what="Circle">{stream && <UnsentTexts s={`${circle}/${stream}`} />}</NotFound>;
};

type StreamRouteProps = { readonly room: CircleRoom; readonly stream: string | undefined };

const StreamRoute = ({ room, stream }: StreamRouteProps) => {
  const app = useApp();
  const chat = useChat();
  const known = room.stream(stream);
  const first = room.streams.find(({ archived }) => !archived) ?? room.streams[0];
  useEffect(() => {
    if (stream !== undefined || !first) return;
    app.navigation.go({ at: 'circle', circle: room.id, stream: first.id }, { replace: true });
  }, [stream, first?.id]);
  useEffect(() => {
    if (known) app.lastStreams.set(room.id, known.id);
  }, [known?.id]);
  if (!room.circle.value) return <Waiting following={room.following} />;
  if (known)
    return (
      <ConversationView
        key={known.s}
        {...{ room, stream: known, conversation: chat.conversation(known.s) }}
      />
    );
  if (stream === undefined) return first ? <Waiting /> : <NotFound what="Stream" />;
  return (
    <NotFound what="Stream">
      <UnsentTexts s={`${room.id}/${stream}`} />
    </NotFound>
  );
};
