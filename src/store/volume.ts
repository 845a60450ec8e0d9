/** A place in which data is kept, and in which space can run out. */
export type Volume = {
  /** As text: `the disk of /var/lib/oshi`. */
  readonly name: string;
  /**
   * The free space in bytes; undefined if it cannot be known. Rejects within a few seconds if it cannot be determined
   * at the moment.
   */
  freeBytes(): Promise<number | undefined>;
};
