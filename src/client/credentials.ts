/**
 * A token; or a function that provides one, called again when the server rejects the previous one (undefined: give
 * up).
 */
export type TokenSource = string | (() => Promise<string | undefined> | string | undefined);

/** The credentials. Without any of these, the browser's session cookie is used. */
export type Who = {
  readonly token?: TokenSource;
  readonly username?: string;
  readonly password?: string;
};

/** The credential fields of `hello`. */
type Proof = { readonly token?: string; readonly username?: string; readonly password?: string };

/** Tracks which credentials are valid, and whether there are others to try. */
export class Credentials {
  /** The session's token, if known. */
  token: string | undefined;
  readonly #who: Who;
  #refused = 0;

  constructor(who: Who) {
    this.#who = who;
    if (typeof who.token === 'string') this.token = who.token;
  }

  /** The credentials for the next `hello`; undefined if there are none. Rejects if the token function does. */
  async proof(): Promise<Proof | undefined> {
    const { token: source, username, password } = this.#who;
    if (typeof source === 'function') this.token ??= await source();
    if (this.token !== undefined) return { token: this.token };
    if (username !== undefined && password !== undefined) return { username, password };
    return source === undefined ? {} : undefined;
  }

  accept(token: string | undefined): void {
    this.#refused = 0;
    if (token !== undefined) this.token = token;
  }

  /** The server rejected the last credentials: whether there are others. */
  refuse(): boolean {
    const { token: source, password } = this.#who;
    const hadToken = this.token !== undefined;
    this.token = undefined;
    this.#refused += 1;
    if (this.#refused > 1) return false;
    return typeof source === 'function' || (hadToken && password !== undefined);
  }
}
