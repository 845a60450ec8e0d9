/**
 * A small store for secrets, which are never in the log and are backed up apart: password hashes by
 * `password.<user id>`, and since the password was changed by `password.<user id>.<secret>`, where the log says
 * which one counts; the key that signs checkpoints by `checkpoint.key`; the incarnation of the log that it belongs to by
 * `log`; the secret of the installation by `server.secret`. What `put`, `ensure` and `destroy` have acknowledged is
 * durable. Keys are printable ASCII without spaces; values are texts of at most 4 KiB.
 */
export interface Vault {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  /** Puts a value unless there is one, and returns the one that counts: the same to all nodes that ask at once. */
  ensure(key: string, value: string): Promise<string>;
  /** Forgets the value, older ones included; nothing happens if there is none. */
  destroy(key: string): Promise<void>;
  close(): Promise<void>;
}
