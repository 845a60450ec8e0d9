/** A token; or where to get one, asked again when the server no longer takes the one before (none: give up). */
export type TokenSource = string | (() => Promise<string | undefined> | string | undefined);

/** Who connects. None of these: the browser's session cookie says it. */
export type Who = {
  readonly token?: TokenSource;
  readonly username?: string;
  readonly password?: string;
};

/** The fields of `hello` that say who connects. */
type Proof = { readonly token?: string; readonly username?: string; readonly password?: string };

/** Remembers which proof is good, and when there is another to try. */
export class Credentials {
  /** The session's token, if the client knows one. */
  token: string | undefined;
  readonly #who: Who;
  #refused = 0;

  constructor(who: Who) {
    this.#who = who;
    if (typeof who.token === 'string') this.token = who.token;
  }

  /** What the next `hello` says; nothing if nobody gives a token. Rejects as the token's source does. */
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

  /** The server refused the last proof: whether there is another one. */
  refuse(): boolean {
    const { token: source, password } = this.#who;
    const hadToken = this.token !== undefined;
    this.token = undefined;
    this.#refused += 1;
    if (this.#refused > 1) return false;
    return typeof source === 'function' || (hadToken && password !== undefined);
  }
}
