type Details = {
  readonly code: string;
  readonly field?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
};

/**
 * What the server refused, by its stable `code`. Two codes are the client's own: `closed` (it ended before the answer)
 * and `cancelled` (the request was withdrawn).
 */
export class OshiError extends Error {
  readonly code: string;
  /** The field of the request that does not fit. */
  readonly field: string | undefined;
  /** In ms: the same request may succeed after it. */
  readonly retryAfter: number | undefined;

  constructor(message: string, { code, field, retryAfter, cause }: Details) {
    super(message, { cause });
    this.name = 'OshiError';
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}
