/** What this browser keeps from one load of the page to the next, by name. */
export type Storage = {
  readonly get: (name: string) => string | undefined;
  /** Keeps a text under a name; undefined removes it. */
  readonly set: (name: string, text: string | undefined) => void;
  readonly names: () => readonly string[];
  /** Calls with what other tabs of this browser keep and remove from now on; gives what ends that. */
  readonly watch: (onChange: (name: string, text: string | undefined) => void) => () => void;
  /** Whether all with names that begin so is still there after a reload. */
  readonly isLasting: (begin: string) => boolean;
};
