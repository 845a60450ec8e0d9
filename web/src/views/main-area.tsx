import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useApp } from './context.ts';

export type MainProps = {
  /** What it is, for a screen reader. */
  readonly label: string;
  /** What the title of the window says; by default the same. */
  readonly title?: string;
  readonly class: string;
  readonly children: ComponentChildren;
};

/** The content of the page: what the title names, and where the skip link leads. */
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
