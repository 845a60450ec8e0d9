/**
 * A small store for secrets, which are never in the log and are backed up separately: password hashes under
 * `password.<user id>`, and after a change of the password under `password.<user id>.<secret>`, where the log tells
 * which one is valid; the key that signs checkpoints under `checkpoint.key`; the incarnation of the log that it
 * belongs to under `log`; the secret of the installation under `server.secret`. What `put`, `ensure` and `destroy`
 * have acknowledged is durable. Keys are printable ASCII without spaces; values are texts of at most 4 KiB.
 */
export interface Vault {
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  /** Puts a value unless there is one, and returns the valid one: the same to all nodes that call at the same time. */
  ensure(key: string, value: string): Promise<string>;
  /** Removes the value, including older ones; does nothing if there is none. */
  destroy(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A vault that is read beside the server that holds it. */
export interface VaultReader {
  get(key: string): Promise<string | undefined>;
  /** All keys with their values. */
  entries(): Promise<readonly (readonly [string, string])[]>;
  close(): Promise<void>;
}
