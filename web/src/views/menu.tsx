import { Icon, type IconName } from './icon.tsx';
import { Popover, PopoverButton } from './popover.tsx';

export type MenuItem = {
  readonly icon: IconName;
  readonly label: string;
  readonly isDanger?: boolean;
  readonly onChoose: () => void;
};

export type MenuProps = {
  readonly label: string;
  readonly icon?: IconName;
  readonly items: readonly MenuItem[];
  readonly class?: string;
  /** Called when it opens and closes. */
  readonly onOpen?: (isOpen: boolean) => void;
};

/** Moves between the items with the arrow keys. */
const move = (event: KeyboardEvent): void => {
  const list = event.currentTarget as HTMLElement;
  const items = [...list.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const index = items.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items.at(next % items.length)?.focus();
};

/** A button that opens a menu. */
export const Menu = ({ label, icon = 'more', items, onOpen, class: name }: MenuProps) => (
  <PopoverButton {...{ icon, label, onOpen, class: name }}>
    {(anchor, close) => (
      <Popover anchor={anchor} label={label} role="menu" class="menu" onClose={close}>
        <div role="none" onKeyDown={move}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              class={item.isDanger ? 'menu-item danger' : 'menu-item'}
              onClick={() => {
                // A dialog opened now returns the focus to its previous element, and this item will be gone.
                anchor.focus({ preventScroll: true });
                close();
                item.onChoose();
              }}
            >
              <Icon name={item.icon} />
              {item.label}
            </button>
          ))}
        </div>
      </Popover>
    )}
  </PopoverButton>
);
