/** Texts by name that persist in this browser. */
export type Storage = {
  readonly get: (name: string) => string | undefined;
  /** Stores a text under a name; undefined removes it. */
  readonly set: (name: string, text: string | undefined) => void;
  readonly names: () => readonly string[];
  /** Calls back with changes by other tabs of this browser; returns a function to stop. */
  readonly watch: (onChange: (name: string, text: string | undefined) => void) => () => void;
  /** Whether all names with this prefix persist after a reload. */
  readonly isLasting: (begin: string) => boolean;
};
