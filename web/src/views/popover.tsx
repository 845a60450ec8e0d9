import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from './button.tsx';
import type { IconName } from './icon.tsx';

export type PopoverProps = {
  /** The element next to which it is placed. */
  readonly anchor: HTMLElement;
  readonly label: string;
  readonly role?: 'menu' | 'dialog';
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly class?: string;
};

const gap = 6;

/** Places it below or above its anchor, within the window. */
const place = (popover: HTMLElement, anchor: HTMLElement): void => {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = popover;
  const isBelow = at.bottom + gap + height <= innerHeight || at.top < innerHeight - at.bottom;
  const top = isBelow ? at.bottom + gap : at.top - gap - height;
  const isRight = at.left + width > innerWidth - gap;
  const left = isRight ? at.right - width : at.left;
  popover.style.top = `${Math.max(gap, Math.min(top, innerHeight - height - gap))}px`;
  popover.style.left = `${Math.max(gap, Math.min(left, innerWidth - width - gap))}px`;
};

/** A popover, closed by Escape or a click outside; the focus returns to the previous element. */
export const Popover = (props: PopoverProps) => {
  const { anchor, label, role = 'dialog', onClose, children } = props;
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const popover = element.current;
    if (!popover) return;
    popover.showPopover();
    place(popover, anchor);
    popover.querySelector<HTMLElement>('input, [role=menuitem], button')?.focus();
    return () => {
      const isInside =
        popover.contains(document.activeElement) || document.activeElement === document.body;
      if (isInside) anchor.focus({ preventScroll: true });
    };
  }, [anchor]);
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it is a menu or a dialog, both of which have names.
    <div
      ref={element}
      popover="auto"
      class={`popover ${props.class ?? ''}`}
      role={role}
      aria-label={label}
      onToggle={(event) => event.newState === 'closed' && onClose()}
    >
      {children}
    </div>
  );
};

export type PopoverButtonProps = {
  readonly icon: IconName;
  readonly label: string;
  readonly class?: string | undefined;
  /** Called when it opens and closes. */
  readonly onOpen?: ((isOpen: boolean) => void) | undefined;
  /** The popover. */
  readonly children: (anchor: HTMLElement, close: () => void) => ComponentChildren;
};

/** A button that opens a popover. */
export const PopoverButton = (props: PopoverButtonProps) => {
  const { icon, label, onOpen, children, class: name = '' } = props;
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const show = (open: boolean): void => {
    setOpen(open);
    onOpen?.(open);
  };
  return (
    <>
      <IconButton
        {...{ icon, label, class: name, buttonRef: button, isExpanded: isOpen }}
        onClick={() => show(!isOpen)}
      />
      {isOpen && button.current && children(button.current, () => show(false))}
    </>
  );
};
