import type { CircleRoom } from '../state/circle-room.ts';
import { Avatar } from './avatar.tsx';
import { Button } from './button.tsx';
import { useChat } from './context.ts';
import { Link } from './link.tsx';
import { useLoading } from './loaded.tsx';
import { Main } from './main-area.tsx';
import { MiddleHead } from './middle-head.tsx';
import { EmptyPage, NotFound, Waiting } from './not-found.tsx';

/** The history of a circle, for its owner; without a circle, a list of the user's own circles. */
export const HistoryRoute = ({ circle }: { readonly circle: string | undefined }) => {
  const { memberships, me } = useChat();
  if (circle === undefined) return <OwnCircles />;
  const room = memberships.circles.value.get(circle);
  if (!room && memberships.isKnown.value) return <NotFound what="Circle" />;
  if (!room?.circle.value) return <Waiting following={(room ?? memberships).following} />;
  if (!room.isOwner(me.id)) return <OwnersOnly />;
  return <LoadedHistory key={circle} room={room} />;
};

const OwnersOnly = () => (
  <EmptyPage
    label="No access"
    title="Only the owner can view the history of a circle"
    text="It contains edited and deleted content, and who changed it."
  />
);

const OwnCircles = () => {
  const { memberships, me } = useChat();
  const rooms = [...memberships.circles.value.values()].filter((room) => room.isOwner(me.id));
  return (
    <Main class="middle" label="History">
      <MiddleHead title="History" />
      <div class="find-body">
        <p class="quiet">
          {rooms.length === 0
            ? 'The owner of a circle can view its history. You do not own a circle yet.'
            : 'History of the circles you own:'}
        </p>
        <ul class="directory">
          {rooms.map(({ id, entry }) => (
            <li key={id} class="directory-entry">
              <Avatar id={id} name={entry.value.name} isSquare />
              <div>
                <Link to={{ at: 'history', circle: id }}>
                  <bdi>{entry.value.name}</bdi>
                </Link>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </Main>
  );
};

/** Rarely used, so it is loaded on demand as a separate script. */
const LoadedHistory = ({ room }: { readonly room: CircleRoom }) => {
  const { value, error } = useLoading(() => import('./history/history-page.tsx'));
  if (error.value !== undefined) {
    return (
      <EmptyPage
        label="History"
        title="This part of the page could not be loaded"
        text="The server cannot be reached, or it was updated since this page was opened."
      >
        <Button kind="main" onClick={() => location.reload()}>
          Reload
        </Button>
      </EmptyPage>
    );
  }
  const View = value.value?.HistoryPage;
  return View ? <View room={room} /> : <Waiting />;
};
