import { useState } from 'preact/hooks';
import { isComposing } from '../browser/keys.ts';
import { countLabel } from '../state/badges.ts';
import type { Chat } from '../state/chat.ts';
import type { Route } from '../state/route.ts';
import { matching, type Target } from '../state/switcher.ts';
import { Avatar } from './avatar.tsx';
import { useApp, useChat } from './context.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { useWriteTo } from './joining.ts';
import { Name } from './names.tsx';

type Option = Target & {
  readonly kind: 'stream' | 'person' | 'stranger';
  readonly id: string;
  readonly to?: Route;
};

/** All targets: streams, circles, and users, including those without a conversation yet. */
const optionsOf = ({ memberships, badges, people, me }: Chat): Option[] => {
  const options: Option[] = [];
  const strangers = new Map<string, Option>();
  const known = new Set<string>([me.id]);
  for (const room of memberships.circles.value.values()) {
    const { name: within, with: other } = room.entry.value;
    if (other) known.add(other.id);
    for (const { id, s, name } of room.streams) {
      const to: Route = { at: 'circle', circle: room.id, stream: id };
      const { unread, mentions } = badges.get(s);
      const option = { key: s, unread, mentions, to };
      if (other) {
        const person = { id: other.id, name: room.nameOf(other.id) };
        const username = `@${people.get(other.id)?.username}`;
        options.push({ ...option, ...person, kind: 'person', within: username });
      } else options.push({ ...option, kind: 'stream', id: room.id, name, within });
    }
    for (const { user } of room.members.value?.values() ?? []) {
      const { id, displayName: name, username } = user;
      const person = { key: id, id, name, within: `@${username}` };
      strangers.set(id, { ...person, kind: 'stranger', unread: 0, mentions: 0 });
    }
  }
  return [...options, ...[...strangers.values()].filter(({ id }) => !known.has(id))];
};

/** Opens any target by a few letters. */
export const Switcher = ({ close }: { readonly close: () => void }) => {
  const app = useApp();
  const chat = useChat();
  const writeTo = useWriteTo();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const found = matching(optionsOf(chat), query);
  const go = (option: Option | undefined): void => {
    if (!option) return;
    close();
    if (option.to) app.navigation.go(option.to);
    else app.attempt(writeTo(option.id));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (isComposing(event)) return;
    if (step !== undefined) {
      event.preventDefault();
      setChosen((chosen + step + found.length) % Math.max(1, found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(found[chosen]);
    }
  };
  return (
    <Dialog title="Jump to" onClose={close} class="switcher">
      <input
        type="text"
        dir="auto"
        role="combobox"
        aria-label="Jump to a stream, a circle or a person"
        aria-expanded={found.length > 0}
        aria-controls="switcher-list"
        aria-activedescendant={found.length > 0 ? `switcher-${chosen}` : undefined}
        placeholder="A stream, a circle or a person"
        autofocus
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="switcher-list" role="listbox" aria-label="Results">
        {found.map((option, index) => (
          <OptionItem
            key={option.key}
            {...{ option, index, isChosen: index === chosen, go, setChosen }}
          />
        ))}
      </div>
      {found.length === 0 && <p class="no-results">No results.</p>}
    </Dialog>
  );
};

type OptionProps = {
  readonly option: Option;
  readonly index: number;
  readonly isChosen: boolean;
  readonly go: (option: Option) => void;
  readonly setChosen: (index: number) => void;
};

const OptionItem = ({ option, index, isChosen, go, setChosen }: OptionProps) => (
  // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the input.
  // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the input.
  <div
    id={`switcher-${index}`}
    role="option"
    aria-selected={isChosen}
    onPointerMove={() => setChosen(index)}
    onClick={() => go(option)}
  >
    {option.kind === 'stream' ? <Icon name="hash" /> : <Avatar id={option.id} name={option.name} />}
    <Name text={option.name} />
    <bdi class="quiet">{option.within}</bdi>
    {option.unread > 0 && (
      <span class={option.mentions > 0 ? 'badge prominent' : 'badge'}>
        {countLabel(option.unread)}
      </span>
    )}
  </div>
);
