/**
 * Thrown when the files of a store cannot be used as they are. One line for the operator: what is wrong, what to do.
 */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
  /** What of the file was changed or lost, and not by Oshi; undefined if that is not the reason. */
  readonly damage: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly damage?: string } = {}) {
    super(message, options);
    this.damage = options.damage;
  }

  /** Whether the file was changed or lost a part, and not by Oshi. */
  get isDamage(): boolean {
    return this.damage !== undefined;
  }
}

/** The error for a damaged file, which is left unchanged. */
export const damaged = (file: string, what: string, cause?: unknown): StoreRefused =>
  new StoreRefused(
    `${file} is damaged (${what}). Restore it from a backup, or move it away to start with an empty one.`,
    { cause, damage: what },
  );
