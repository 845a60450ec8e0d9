import { useLayoutEffect, useRef } from 'preact/hooks';
import { IconButton } from './button.tsx';
import { useApp } from './context.ts';

/** Short notices, announced to screen readers. */
export const Toasts = () => {
  const app = useApp();
  const element = useRef<HTMLDivElement>(null);
  const toasts = app.toasts.value;
  useLayoutEffect(() => {
    const area = element.current;
    // Reopened, it is above a dialog that was opened since.
    if (area?.matches(':popover-open')) area.hidePopover();
    if (toasts.length > 0) area?.showPopover();
  }, [toasts]);
  return (
    <div class="toasts" popover="manual" ref={element} role="status" aria-label="Notices">
      {toasts.map(({ key, text, isError }) => (
        <div key={key} class={isError ? 'toast error' : 'toast'}>
          <p>{text}</p>
          <IconButton icon="close" label="Dismiss" onClick={() => app.dismiss(key)} />
        </div>
      ))}
    </div>
  );
};
