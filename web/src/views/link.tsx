import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { pathOf, type Route } from '../state/route.ts';
import { useApp } from './context.ts';

export type LinkProps = {
  readonly to: Route;
  readonly class?: string;
  readonly isCurrent?: boolean;
  readonly children: ComponentChildren;
  readonly onGo?: () => void;
};

/** A link within the page: opened here, or in a new tab if the user asks the browser for it. */
export const Link = ({ to, isCurrent, children, onGo, class: name }: LinkProps) => {
  const { navigation } = useApp();
  const element = useRef<HTMLAnchorElement>(null);
  // The current entry is scrolled into view.
  useEffect(() => {
    if (isCurrent) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isCurrent]);
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    navigation.go(to);
    onGo?.();
  };
  return (
    <a
      ref={element}
      href={pathOf(to)}
      class={name}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
};
