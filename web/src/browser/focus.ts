/** An element and its ancestors, from the inside out. */
export type Path = readonly HTMLElement[];

export const pathTo = (element: Element | null): Path => {
  const path: HTMLElement[] = [];
  for (let each = element; each instanceof HTMLElement; each = each.parentElement) path.push(each);
  return path;
};

/** Focuses the innermost element that still exists; else the new content. */
export const focusNearest = (path: Path): void => {
  const left = path.find((element) => element.isConnected);
  const isContent = left?.closest('main, nav, aside, dialog') != null;
  focusOn(isContent ? left : document.querySelector('main'));
};

/** Also focuses elements that are not focusable by themselves. */
export const focusOn = (element: HTMLElement | null | undefined): void => {
  element?.focus({ preventScroll: true });
  if (!element || element === document.activeElement) return;
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
};

/** Keeps the focus nearby when the focused element is removed: the browser resets it. */
export const keepFocus = (): void => {
  let path: Path = [];
  document.addEventListener('focusin', (event) => {
    path = pathTo(event.target as Element);
  });
  // Before other listeners, which may remove the focused element; a focus that moves elsewhere is not kept.
  const leave = ({ target, relatedTarget }: FocusEvent): void => {
    if (relatedTarget) path = [];
    queueMicrotask(() => {
      const [focused] = path;
      if (focused === target && focused?.isConnected) path = [];
    });
  };
  document.addEventListener('focusout', leave, { capture: true });
  const observer = new MutationObserver(() => {
    const [focused] = path;
    if (!focused || focused.isConnected || document.activeElement !== document.body) return;
    focusNearest(path);
  });
  observer.observe(document.body, { childList: true, subtree: true });
};
