type Details = {
  readonly code: string;
  readonly field?: string | undefined;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
};

/**
 * An error from the server, with its stable `code`. Two codes are the client's own: `closed` (it was closed before the
 * answer) and `cancelled` (the request was aborted).
 */
export class OshiError extends Error {
  readonly code: string;
  /** The invalid field of the request. */
  readonly field: string | undefined;
  /** In ms: the same request may be retried after it. */
  readonly retryAfter: number | undefined;

  constructor(message: string, { code, field, retryAfter, cause }: Details) {
    super(message, { cause });
    this.name = 'OshiError';
    this.code = code;
    this.field = field;
    this.retryAfter = retryAfter;
  }
}
