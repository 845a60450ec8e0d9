/** The typing users, and until when, in ms since 1970. */
export type Typing = ReadonlyMap<string, number>;

export const nobodyTyping: Typing = new Map();

export const withTyping = (typing: Typing, user: string, until: number): Typing =>
  new Map([...typing, [user, until]]);

export const withoutTyping = (typing: Typing, user: string): Typing =>
  typing.has(user) ? new Map([...typing].filter(([id]) => id !== user)) : typing;

export const current = (typing: Typing, now: number): Typing =>
  [...typing.values()].some((until) => until <= now)
    ? new Map([...typing].filter(([, until]) => until > now))
    : typing;

/** "Ada is typing…", "Ada and Ben are typing…", "Several people are typing…". */
export const typingLabel = (names: readonly string[]): string => {
  const [one, two, three] = names;
  if (one === undefined) return '';
  if (two === undefined) return `${one} is typing…`;
  return three === undefined ? `${one} and ${two} are typing…` : 'Several people are typing…';
};
