/** Thrown when a store's files cannot be used as they are. One line for the operator: what is wrong, what to do. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
  /** Whether the file was changed or lost a part, and not by Oshi. */
  readonly isDamage: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isDamage?: boolean } = {}) {
    super(message, options);
    this.isDamage = options.isDamage ?? false;
  }
}

/** The refusal of a damaged file: nothing of it is changed, and there is one way on. */
export const damaged = (file: string, what: string, cause?: unknown): StoreRefused =>
  new StoreRefused(
    `${file} is damaged (${what}). Restore it from a backup, or move it away to begin with an empty one.`,
    { cause, isDamage: true },
  );
