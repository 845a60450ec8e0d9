import { useComputed } from '@preact/signals';
import type { CircleRoom } from '../state/circle-room.ts';
import { Avatar } from './avatar.tsx';
import { Badge } from './badge.tsx';
import { useApp, useChat } from './context.ts';
import { Link } from './link.tsx';

/** A direct conversation in the list: the other user and their presence. */
export const DirectEntry = ({ room }: { readonly room: CircleRoom }) => {
  const { navigation } = useApp();
  const chat = useChat();
  const badge = useComputed(() => chat.badges.get(`${room.id}/${room.id}`)).value;
  const other = room.entry.value.with;
  const route = navigation.route.value;
  const isHere = route.at === 'circle' && route.circle === room.id;
  if (!other) return null;
  const name = room.nameOf(other.id);
  const presence = room.presenceOf(other.id);
  return (
    <li>
      <Link
        to={{ at: 'circle', circle: room.id, stream: room.id }}
        class={badge.unread > 0 ? 'direct-link unread' : 'direct-link'}
        isCurrent={isHere}
      >
        <Avatar id={other.id} name={name} presence={presence} />
        <bdi class="stream-name">{name}</bdi>
        {presence !== 'offline' && <span class="visually-hidden">, {presence}</span>}
        <Badge unread={badge.unread} mentions={badge.mentions} isPersonal />
      </Link>
    </li>
  );
};
