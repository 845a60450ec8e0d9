import type { NatsConnection } from '@nats-io/transport-node';
import { LogUnavailable } from '../../../events/log.ts';
import { clearTimeout, setTimeout } from '../../../runtime/timers.ts';

/** The connection was lost while an answer was awaited. */
export class LinkLost extends LogUnavailable {
  override readonly name = 'LinkLost';
}

/**
 * The state of a NATS connection. Its client neither fails a request when the connection breaks nor reports whether
 * it is connected; here both are known immediately instead of after a timeout.
 */
export class Link {
  readonly nc: NatsConnection;
  #up: boolean;
  #isClosed = false;
  readonly #listeners = new Set<(up: boolean) => void>();

  constructor(nc: NatsConnection) {
    this.nc = nc;
    this.#up = !nc.isClosed();
    void this.#watch();
    void nc.closed().then(() => this.#turn(false));
  }

  get up(): boolean {
    return this.#up && !this.nc.isClosed();
  }

  /** Calls the listener whenever the connection is lost or regained, until the returned function is called. */
  onTurn(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Settles as the promise does, or rejects with `LinkLost` if the connection breaks first. */
  async untilLost<T>(promise: Promise<T>): Promise<T> {
    // The loser may still reject, when nothing listens any more.
    promise.catch(() => {});
    if (!this.up) throw new LinkLost('the connection to NATS is lost');
    return await new Promise<T>((resolve, reject) => {
      const forget = this.onTurn((up) => {
        if (up) return;
        forget();
        reject(new LinkLost('the connection to NATS is lost'));
      });
      promise.then(resolve, reject).finally(forget);
    });
  }

  /** Whether the connection is established, now or within so many ms. */
  regained(withinMs: number): Promise<boolean> {
    if (this.up) return Promise.resolve(true);
    if (this.nc.isClosed()) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (up: boolean): void => {
        clearTimeout(timer);
        forget();
        resolve(up);
      };
      const timer = setTimeout(() => end(false), withinMs);
      const forget = this.onTurn((up) => {
        if (up || this.nc.isClosed()) end(up);
      });
    });
  }

  /** Stops listening; the connection stays. */
  close(): void {
    this.#listeners.clear();
    this.#isClosed = true;
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.nc.status()) {
      if (this.#isClosed) return;
      if (type === 'disconnect') this.#turn(false);
      if (type === 'reconnect') this.#turn(true);
    }
  }

  #turn(up: boolean): void {
    this.#up = up;
    for (const listener of [...this.#listeners]) listener(up);
  }
}
