import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';

export type GuardProps = {
  /** Shown in place of children that throw. */
  readonly instead: ComponentChildren;
  readonly children: ComponentChildren;
};

/** Keeps what its children throw while they are drawn from everything around them; the browser's console reports it. */
export const Guard = ({ instead, children }: GuardProps) => {
  const [error] = useErrorBoundary((thrown: unknown) => reportError(thrown));
  return <>{error === undefined ? children : instead}</>;
};
