import { useComputed } from '@preact/signals';
import type { Stream } from '../../../src/client/objects.ts';
import type { App } from '../app.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Avatar } from './avatar.tsx';
import { Badge } from './badge.tsx';
import { useApp, useChat } from './context.ts';
import { Icon, type IconName } from './icon.tsx';
import { Link } from './link.tsx';
import { Failure } from './loaded.tsx';
import { Main } from './main-area.tsx';

/** The start page: unread messages and first steps. */
export const Home = () => {
  const chat = useChat();
  const isNew = chat.memberships.isKnown.value && chat.memberships.circles.value.size === 0;
  return (
    <Main class="middle home" label="Home">
      <div class="home-box">
        <h1>
          {isNew ? 'Welcome' : 'Hello'}, <bdi>{chat.me.displayName}</bdi>
        </h1>
        <p class="lead">
          {isNew
            ? 'A circle is a space for a group: friends, a team, a club. Its conversations are organised in streams. Get started:'
            : 'Your unread messages, and what you can do next.'}
        </p>
        {!isNew && <UnreadStreams />}
        <FirstSteps />
      </div>
    </Main>
  );
};

type UnreadProps = { readonly room: CircleRoom; readonly stream: Stream };

const UnreadStreams = () => {
  const { memberships, badges, unreadCount } = useChat();
  const problem = unreadCount.problem.value;
  const unread = useComputed(() => {
    const weight = ({ room, stream }: UnreadProps): number =>
      badges.get(stream.s).mentions > 0 ? 2 : Number(room.isDirect);
    return [...memberships.circles.value.values()]
      .flatMap((room) => room.streams.map((stream) => ({ room, stream })))
      .filter(({ stream }) => badges.get(stream.s).unread > 0)
      .sort((a, b) => weight(b) - weight(a));
  }).value;
  if (problem !== '') {
    return (
      <Failure {...{ what: 'Unread messages', problem, retry: () => void unreadCount.run() }} />
    );
  }
  if (unread.length === 0) {
    if (!unreadCount.isKnown.value)
      return <span class="spinner" role="status" aria-label="Loading unread messages" />;
    return (
      <p class="all-read">
        <Icon name="check" /> You are all caught up.
      </p>
    );
  }
  return (
    <ul class="unread-list">
      {unread.map(({ room, stream }) => (
        <UnreadItem key={stream.s} {...{ room, stream }} />
      ))}
    </ul>
  );
};

const UnreadItem = ({ room, stream: { s, id, name } }: UnreadProps) => {
  const { unread, mentions } = useChat().badges.get(s);
  const { with: other, name: circle } = room.entry.value;
  return (
    <li>
      <Link to={{ at: 'circle', circle: room.id, stream: id }} class="unread-item">
        {other ? (
          <Avatar id={other.id} name={other.displayName} />
        ) : (
          <Avatar id={room.id} name={circle} isSquare />
        )}
        <span class="unread-names">
          <strong>
            {!other && '#'}
            <bdi>{other ? other.displayName : name}</bdi>
          </strong>
          <span class="quiet">{other ? 'Direct message' : circle}</span>
        </span>
        <Badge {...{ unread, mentions, isPersonal: room.isDirect }} />
      </Link>
    </li>
  );
};

/** An icon, a title, a description and an action. */
type Step = readonly [icon: IconName, title: string, text: string, action: () => void];

/** The ways to get into a circle. */
export const circleSteps = (app: App): readonly Step[] => {
  const find = () => app.navigation.go({ at: 'find' });
  const create = () => app.show({ is: 'create-circle' });
  const join = () => app.show({ is: 'join-by-link' });
  return [
    ['plus', 'Create a circle', 'Public, or by invitation only.', create],
    ['compass', 'Find a circle', 'Browse the public circles on this server.', find],
    ['link', 'Join with a link', 'Paste an invite link or code.', join],
  ];
};

/** First steps. */
export const FirstSteps = () => {
  const app = useApp();
  const text = 'Start a private conversation with one person.';
  const open = () => app.show({ is: 'new-direct' });
  const direct: Step = ['bubble', 'New direct message', text, open];
  return (
    <div class="first-steps">
      {[...circleSteps(app), direct].map(([icon, title, about, onClick]) => (
        <button key={title} type="button" class="card" onClick={onClick}>
          <Icon name={icon} />
          <strong>{title}</strong>
          <span>{about}</span>
        </button>
      ))}
    </div>
  );
};
