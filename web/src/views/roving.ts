/** Moves the focus through messages or other lists with the arrow keys; the list is one tab stop. */
export const moveFocus = (event: KeyboardEvent, of: 'article' | 'summary' = 'article'): void => {
  const list = event.currentTarget as HTMLElement;
  const messages = [...list.querySelectorAll<HTMLElement>(of)];
  const index = messages.indexOf(event.target as HTMLElement);
  if (index < 0) return;
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: messages.length - 1 }[
    event.key
  ];
  const message = next === undefined ? undefined : messages[next];
  if (!message) return;
  event.preventDefault();
  for (const other of messages) other.tabIndex = other === message ? 0 : -1;
  message.focus();
  message.scrollIntoView({ block: 'nearest' });
};
