import type { AppendFailureReason } from '../../../events/log.ts';
import { defined } from '../../../runtime/defined.ts';

export type PublishReply =
  | {
      readonly kind: 'stored';
      /** The sequence number of the message; of the last one, for a batch. */
      readonly seq: number;
      /** The server had a message of this id: this one was not stored again. */
      readonly duplicate: boolean;
      /** The batch that was stored and its number of messages; absent from servers without batches. */
      readonly batch?: string;
      readonly count?: number;
    }
  | { readonly kind: 'refused'; readonly code: number; readonly text: string };

/** Parses the answer; throws if it is malformed, such as an answer that another program has sent. */
export const publishReplyOf = (bytes: Uint8Array): PublishReply => {
  const { error, seq, duplicate, batch, count } = JSON.parse(
    Buffer.from(bytes).toString('utf8'),
  ) as RawReply;
  if (error) {
    return { kind: 'refused', code: error.err_code ?? 0, text: error.description ?? 'refused' };
  }
  if (typeof seq !== 'number' || seq < 1) throw new Error('an answer without a sequence number');
  return {
    kind: 'stored',
    seq,
    duplicate: duplicate === true,
    ...defined({ batch, count }),
  };
};

type RawReply = {
  readonly error?: { readonly err_code?: number; readonly description?: string };
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly batch?: string;
  readonly count?: number;
};

/** "Wrong last sequence". */
export const conflictCode = 10071;

/** The same without the number, which servers send for subjects that are in flight. */
const conflictCodeInFlight = 10164;

const conflictCodes: ReadonlySet<number> = new Set([conflictCode, conflictCodeInFlight]);

/** Limits and failures of the account's, the server's and the stream's storage. */
const fullCodes: ReadonlySet<number> = new Set([10002, 10023, 10028, 10047, 10077]);

/** The meaning of a refusal for the caller of `append`. Never decided by its text. */
export const reasonOf = (code: number): AppendFailureReason => {
  if (conflictCodes.has(code)) return 'conflict';
  return fullCodes.has(code) ? 'full' : 'unavailable';
};

/** Atomic batches are disabled for the stream, or do not support the headers that a commit needs. */
const batchlessCodes: ReadonlySet<number> = new Set([10174, 10177]);

/** Whether the stream accepts no batches at all, rather than not this one. */
export const refusesBatches = (code: number): boolean => batchlessCodes.has(code);
