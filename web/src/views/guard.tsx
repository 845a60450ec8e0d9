import type { ComponentChildren } from 'preact';
import { useErrorBoundary } from 'preact/hooks';

export type GuardProps = {
  /** Shown instead of children that throw. */
  readonly instead: ComponentChildren;
  readonly children: ComponentChildren;
};

/** An error boundary: rendering errors of its children do not affect the rest; the browser's console reports them. */
export const Guard = ({ instead, children }: GuardProps) => {
  const [error] = useErrorBoundary((thrown: unknown) => reportError(thrown));
  return <>{error === undefined ? children : instead}</>;
};
