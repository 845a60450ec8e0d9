import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from './context.ts';

export type MainProps = {
  /** The accessible name. */
  readonly label: string;
  /** The title of the window; by default the same. */
  readonly title?: string;
  readonly class: string;
  readonly children: ComponentChildren;
};

/** The main area: sets the title, and is the target of the skip link. */
export const Main = ({ label, title = label, class: name, children }: MainProps) => {
  const app = useApp();
  useEffect(() => {
    app.title.value = title;
  }, [title]);
  return (
    <main id="main" tabIndex={-1} class={name} aria-label={label}>
      {children}
    </main>
  );
};
