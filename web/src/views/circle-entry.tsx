import { useComputed, useSignal } from '@preact/signals';
import type { Stream } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import { summed } from '../state/badges.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Avatar } from './avatar.tsx';
import { Badge } from './badge.tsx';
import { circleActions } from './circle-actions.ts';
import { useApp, useChat } from './context.ts';
import { Icon } from './icon.tsx';
import { Link } from './link.tsx';
import { Menu } from './menu.tsx';

/** A circle in the list; expanded, it shows its streams. */
export const CircleEntry = ({ room }: { readonly room: CircleRoom }) => {
  const app = useApp();
  const chat = useChat();
  const route = app.navigation.route.value;
  const isHere = route.at === 'circle' && route.circle === room.id;
  // On a phone the list is unmounted while a circle is open: it returns with that one expanded.
  const opened = useSignal(app.isPhone.peek() && app.lastStreams.has(room.id) ? true : undefined);
  const isOpen = opened.value ?? isHere;
  const { name, visibility } = room.entry.value;
  const counts = useComputed(() => summed(room.streams.map(({ s }) => chat.badges.get(s))));
  const toggle = (): void => {
    if (!isOpen && !isHere && !app.isPhone.value) {
      opened.value = undefined;
      app.goToCircle(room.id);
    } else opened.value = !isOpen;
  };
  return (
    <li class={isOpen ? 'circle open' : 'circle'}>
      <div class="circle-row">
        <button type="button" class="circle-button" aria-expanded={isOpen} onClick={toggle}>
          <Avatar id={room.id} name={name} isSquare />
          <bdi class="circle-name">{name}</bdi>
          {visibility === 'private' && <Icon name="lock" />}
          {!isOpen && <Badge {...counts.value} />}
        </button>
        <Menu
          label={`Options for ${isolate(name)}`}
          items={circleActions(app, chat, room)}
          class="on-hover"
        />
      </div>
      {isOpen && (
        <ul class="streams">
          {room.streams
            .filter((stream) => !stream.archived || (isHere && stream.id === route.stream))
            .map((stream) => (
              <StreamLink key={stream.id} {...{ room, stream }} />
            ))}
          <ArchivedStreams room={room} />
        </ul>
      )}
    </li>
  );
};

const StreamLink = ({ room, stream }: { readonly room: CircleRoom; readonly stream: Stream }) => {
  const { navigation } = useApp();
  const chat = useChat();
  const { s, id, name } = stream;
  const badge = useComputed(() => chat.badges.get(s)).value;
  const route = navigation.route.value;
  const isHere = route.at === 'circle' && route.circle === room.id && route.stream === id;
  return (
    <li>
      <Link
        to={{ at: 'circle', circle: room.id, stream: id }}
        class={badge.unread > 0 ? 'stream-link unread' : 'stream-link'}
        isCurrent={isHere}
      >
        <Icon name={stream.archived ? 'archive' : 'hash'} />
        <bdi class="stream-name">{name}</bdi>
        <Badge unread={badge.unread} mentions={badge.mentions} />
      </Link>
    </li>
  );
};

const ArchivedStreams = ({ room }: { readonly room: CircleRoom }) => {
  const isOpen = useSignal(false);
  const { badges } = useChat();
  const archived = room.streams.filter((stream) => stream.archived);
  if (archived.length === 0) return null;
  const counts = summed(archived.map(({ s }) => badges.get(s)));
  return (
    <>
      <li>
        <button
          type="button"
          class="stream-link quiet"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          <Icon name="archive" />
          <span class="stream-name">Archived ({archived.length})</span>
          {!isOpen.value && <Badge {...counts} />}
        </button>
      </li>
      {isOpen.value &&
        archived.map((stream) => <StreamLink key={`a ${stream.id}`} {...{ room, stream }} />)}
    </>
  );
};
