import type { Stream } from '../../../src/client/objects.ts';
import { isolate } from '../../../src/text/direction.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Avatar } from './avatar.tsx';
import { IconButton } from './button.tsx';
import { circleActions } from './circle-actions.ts';
import { useApp, useChat } from './context.ts';
import { Icon } from './icon.tsx';
import { Menu, type MenuItem } from './menu.tsx';

export type HeadProps = { readonly room: CircleRoom; readonly stream: Stream };

/** The title of the conversation, and its actions. */
export const ConversationHead = ({ room, stream }: HeadProps) => {
  const app = useApp();
  const toggle = (which: 'members' | 'pins') => {
    const isPressed = app.side.value === which;
    const onClick = (): void => {
      app.side.value = isPressed ? undefined : which;
    };
    return { isPressed, onClick };
  };
  return (
    <header class="head">
      {app.isPhone.value && (
        <IconButton
          icon="back"
          label="Back to list"
          onClick={() => app.navigation.up({ at: 'home' })}
        />
      )}
      {room.isDirect ? <PersonTitle room={room} /> : <StreamTitle {...{ room, stream }} />}
      <div class="head-actions">
        <IconButton icon="pin" label="Pinned messages" {...toggle('pins')} />
        {!room.isDirect && (
          <>
            <IconButton icon="people" label="Members" {...toggle('members')} />
            <StreamMenu {...{ room, stream }} />
          </>
        )}
      </div>
    </header>
  );
};

const StreamTitle = ({ room, stream }: HeadProps) => (
  <div class="head-title">
    <h1>
      <Icon name={stream.archived ? 'archive' : 'hash'} />
      <bdi>{stream.name}</bdi>
    </h1>
    <p class="quiet">
      <bdi>{stream.topic ?? room.entry.value.name}</bdi>
    </p>
  </div>
);

const presenceWords = { online: 'Online', idle: 'Away', offline: 'Offline' } as const;

const PersonTitle = ({ room }: { readonly room: CircleRoom }) => {
  const app = useApp();
  const other = room.entry.value.with;
  if (!other) return null;
  const name = room.nameOf(other.id);
  const presence = room.presenceOf(other.id);
  return (
    <button
      type="button"
      class="head-title head-person"
      aria-label={`About ${isolate(name)}`}
      onClick={() => app.show({ is: 'person', user: other.id })}
    >
      <Avatar id={other.id} name={name} presence={presence} />
      <span>
        <bdi class="head-name">{name}</bdi>
        <span class="quiet">{presenceWords[presence]}</span>
      </span>
    </button>
  );
};

const StreamMenu = ({ room, stream }: HeadProps) => {
  const app = useApp();
  const chat = useChat();
  const isOwner = room.isOwner(chat.me.id);
  const settings: MenuItem = {
    icon: 'hash',
    label: 'Stream settings',
    onChoose: () => app.show({ is: 'stream-settings', circle: room.id, stream: stream.id }),
  };
  const actions = circleActions(app, chat, room);
  return <Menu label="More" items={isOwner ? [settings, ...actions] : actions} />;
};
