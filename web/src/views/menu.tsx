import { useRef, useState } from 'preact/hooks';
import { IconButton } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';
import { Popover } from './popover.tsx';

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
export const Menu = ({ label, icon = 'more', items, onOpen, class: name }: MenuProps) => {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const show = (open: boolean): void => {
    setOpen(open);
    onOpen?.(open);
  };
  return (
    <>
      <IconButton
        {...{ icon, label, isExpanded: isOpen }}
        class={name ?? ''}
        buttonRef={button}
        onClick={() => show(!isOpen)}
      />
      {isOpen && button.current && (
        <Popover
          anchor={button.current}
          label={label}
          role="menu"
          class="menu"
          onClose={() => show(false)}
        >
          <div role="none" onKeyDown={move}>
            {items.map((item) => (
              <button
                key={item.label}
                type="button"
                role="menuitem"
                class={item.isDanger ? 'menu-item danger' : 'menu-item'}
                onClick={() => {
                  // A dialog opened now returns the focus to its previous element, and this item will be gone.
                  button.current?.focus({ preventScroll: true });
                  show(false);
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
    </>
  );
};
