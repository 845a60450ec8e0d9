import type { ComponentChildren } from 'preact';
import { compareNames } from '../../../src/text/order.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { Avatar } from './avatar.tsx';
import { IconButton } from './button.tsx';
import { CircleEntry } from './circle-entry.tsx';
import { useApp, useChat } from './context.ts';
import { DirectEntry } from './direct-entry.tsx';
import { circleSteps, FirstSteps } from './home.tsx';
import { Icon, Mark } from './icon.tsx';
import { Link } from './link.tsx';
import { Failure } from './loaded.tsx';
import { Menu } from './menu.tsx';
import { Name, Username } from './names.tsx';

/** The navigation: circles with their streams, and direct conversations. */
export const Sidebar = () => {
  const app = useApp();
  const { isPhone } = app;
  const { isKnown, circles, following } = useChat().memberships;
  const problem = following.problem.value;
  return (
    <nav class="sidebar" aria-label="Circles and conversations">
      <header class="sidebar-head">
        <Link to={{ at: 'home' }} class="wordmark">
          <Mark /> Oshi
        </Link>
      </header>
      <button type="button" class="jump-button" onClick={() => app.show({ is: 'switcher' })}>
        <Icon name="search" /> Jump to…
        <span class="shortcut" aria-hidden="true">
          {isMac() ? '⌘K' : 'Ctrl K'}
        </span>
      </button>
      <div class="sidebar-lists">
        {problem !== '' && (
          <Failure {...{ what: 'Your circles', problem, retry: () => following.retry() }} />
        )}
        <Circles />
        <Directs />
        {isPhone.value && isKnown.value && circles.value.size === 0 && <FirstSteps />}
      </div>
      <Self />
    </nav>
  );
};

const isMac = (): boolean => /Mac|iPhone|iPad/.test(navigator.userAgent);

const useRooms = (): readonly CircleRoom[] => [...useChat().memberships.circles.value.values()];

const Circles = () => {
  const app = useApp();
  const items = circleSteps(app).map(([icon, label, _, onChoose]) => ({ icon, label, onChoose }));
  const circles = useRooms().filter((room) => !room.isDirect);
  return (
    <Section
      title="Circles"
      add={<Menu label="Add a circle" icon="plus" items={items} />}
      entries={circles.map((room) => <CircleEntry key={room.id} room={room} />)}
      empty="You are not in a circle yet. Create one, or find one to join."
    />
  );
};

const Directs = () => {
  const app = useApp();
  const open = () => app.show({ is: 'new-direct' });
  const directs = useRooms()
    .filter((room) => room.isDirect)
    .toSorted((a, b) => compareNames(nameOf(a), nameOf(b)));
  return (
    <Section
      title="Direct messages"
      add={<IconButton icon="plus" label="New direct message" onClick={open} />}
      entries={directs.map((room) => <DirectEntry key={room.id} room={room} />)}
      empty="Your direct messages appear here."
    />
  );
};

type SectionProps = {
  readonly title: string;
  readonly add: ComponentChildren;
  readonly entries: readonly ComponentChildren[];
  /** Shown if there are no entries. */
  readonly empty: string;
};

const Section = ({ title, add, entries, empty }: SectionProps) => {
  const { isKnown } = useChat().memberships;
  return (
    <section aria-label={title}>
      <div class="section-head">
        <h2>{title}</h2>
        {add}
      </div>
      <ul>{entries}</ul>
      {isKnown.value && entries.length === 0 && <p class="section-empty">{empty}</p>}
    </section>
  );
};

const nameOf = (room: CircleRoom): string => {
  const other = room.entry.value.with;
  return other ? room.nameOf(other.id) : '';
};

/** The user, at the bottom: links to the settings. */
const Self = () => {
  const { me } = useChat();
  const { status } = useApp().attention;
  return (
    <footer class="account">
      <Link to={{ at: 'settings', section: 'profile' }} class="account-link">
        <Avatar id={me.id} name={me.displayName} presence={status.value} />
        <span class="member-name">
          <Name text={me.displayName} />
          <Username text={me.username} />
        </span>
        <Icon name="gear" />
        <span class="visually-hidden">Settings</span>
      </Link>
    </footer>
  );
};
