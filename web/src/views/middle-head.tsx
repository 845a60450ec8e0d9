import type { ComponentChildren } from 'preact';
import { IconButton } from './button.tsx';
import { useApp } from './context.ts';

export type MiddleHeadProps = {
  readonly title: string;
  /** Shown below the title. */
  readonly about?: string;
  /** Actions. */
  readonly children?: ComponentChildren;
};

/** The header of views other than conversations. */
export const MiddleHead = ({ title, about, children }: MiddleHeadProps) => {
  const app = useApp();
  return (
    <header class="head">
      {app.isPhone.value && (
        <IconButton icon="back" label="Back" onClick={() => app.navigation.back()} />
      )}
      <div class="head-title">
        <h1>{title}</h1>
        {about !== undefined && <p class="quiet">{about}</p>}
      </div>
      {children && <div class="head-actions">{children}</div>}
    </header>
  );
};
