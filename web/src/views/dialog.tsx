import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { focusNearest, pathTo } from '../browser/focus.ts';
import type { CircleRoom } from '../state/circle-room.ts';
import { IconButton } from './button.tsx';

export type DialogProps = {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  readonly class?: string;
};

/** The properties of a dialog about a circle. */
export type CircleDialogProps = { readonly room: CircleRoom; readonly close: () => void };

/** The controls of a dialog, except its close button. */
const controls = ['input', 'select', 'textarea', 'button']
  .map((name) => `.dialog-head ~ * ${name}`)
  .join();

/** A modal dialog. */
export const Dialog = ({ title, onClose, children, class: name = '' }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useLayoutEffect(() => {
    const before = pathTo(document.activeElement);
    const dialog = element.current;
    dialog?.showModal();
    if (!dialog?.querySelector('[autofocus]')) {
      dialog?.querySelector<HTMLElement>(controls)?.focus();
    }
    return () => {
      // Nothing behind an open dialog can take the focus.
      dialog?.close();
      // The previously focused element may be gone, such as a message deleted here.
      focusNearest(before);
    };
  }, []);
  const isFilledIn = useRef(false);
  // A click outside does not discard filled-in fields.
  const closeBeside = (event: MouseEvent): void => {
    if (event.target === element.current && !isFilledIn.current) onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same as a click outside.
    <dialog
      ref={element}
      class={`dialog ${name}`}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onInput={(event) => {
        isFilledIn.current ||= (event.target as Element).closest('form') !== null;
      }}
      onClick={closeBeside}
    >
      <div class="dialog-box">
        <header class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
};
