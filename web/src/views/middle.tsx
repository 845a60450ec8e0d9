import { useEffect } from 'preact/hooks';
import type { CircleRoom } from '../state/circle-room.ts';
import { useApp, useChat } from './context.ts';
import { ConversationView } from './conversation.tsx';
import { Find } from './find.tsx';
import { HistoryPlace } from './history-place.tsx';
import { Home } from './home.tsx';
import { InvitePage } from './invite.tsx';
import { Leftovers } from './leftovers.tsx';
import { Missing, Nowhere, Waiting } from './nothing.tsx';
import { Settings } from './settings.tsx';

/** The view of the current route. */
export const Middle = () => {
  const route = useApp().navigation.route.value;
  switch (route.at) {
    case 'home':
      return <Home />;
    case 'find':
      return <Find />;
    case 'history':
      return <HistoryPlace circle={route.circle} />;
    case 'invite':
      return <InvitePage key={route.code} code={route.code} />;
    case 'settings':
      return <Settings section={route.section} />;
    case 'circle':
      return <CirclePlace circle={route.circle} stream={route.stream} />;
    case 'nowhere':
      return <Nowhere />;
  }
};

type Place = { readonly circle: string; readonly stream: string | undefined };

const CirclePlace = ({ circle, stream }: Place) => {
  const { memberships } = useChat();
  const room = memberships.circles.value.get(circle);
  if (room) return <StreamPlace key={circle} room={room} stream={stream} />;
  if (!memberships.isKnown.value) return <Waiting following={memberships.following} />;
  return <Missing what="circle">{stream && <Leftovers s={`${circle}/${stream}`} />}</Missing>;
};

const StreamPlace = ({
  room,
  stream,
}: {
  readonly room: CircleRoom;
  readonly stream: string | undefined;
}) => {
  const app = useApp();
  const chat = useChat();
  const circle = room.circle.value;
  const known = circle?.streams?.find(({ id }) => id === stream);
  const first = circle?.streams?.find(({ archived }) => !archived) ?? circle?.streams?.[0];
  useEffect(() => {
    if (stream !== undefined || !first) return;
    app.navigation.go({ at: 'circle', circle: room.id, stream: first.id }, { replace: true });
  }, [stream, first?.id]);
  useEffect(() => {
    if (known) app.lastStreams.set(room.id, known.id);
  }, [known?.id]);
  if (!circle) return <Waiting following={room.following} />;
  if (known)
    return (
      <ConversationView
        key={known.s}
        {...{ room, stream: known, conversation: chat.conversation(known.s) }}
      />
    );
  if (stream === undefined) return first ? <Waiting /> : <Missing what="stream" />;
  return (
    <Missing what="stream">
      <Leftovers s={`${room.id}/${stream}`} />
    </Missing>
  );
};
