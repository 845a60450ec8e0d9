import { OshiError } from './error.ts';
import type { ErrFrame, OkFrame } from './frames.ts';
import type { Surroundings } from './surroundings.ts';

/** A wait that is longer is for the caller to decide on, in ms. */
const retryAfterMax = 60_000;

/** More unanswered requests than this are refused: somebody does not wait for answers. */
const unansweredMax = 1_000;

export type Line = {
  readonly isOpen: () => boolean;
  readonly send: (text: string) => void;
  /** The largest frame that the server takes, in bytes. */
  readonly frameMax: () => number;
  /** Told what the server's clock shows, when a key did not go by it. */
  readonly onClock: (now: number) => void;
  readonly surroundings: Surroundings;
};

export type Asked = {
  readonly lane: string;
  /** Makes the frame when it is first sent, which is when the server's clock is known. */
  readonly frame: () => object;
  /** Aborted: the request is withdrawn, and rejected with the code `cancelled`. */
  readonly signal?: AbortSignal | undefined;
};

type Request = Omit<Asked, 'signal'> & {
  readonly id: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: OshiError) => void;
  text?: string | undefined;
  isSent: boolean;
  /** Whether it was sent on a connection that was lost, so that it may have been done. */
  mayBeDone: boolean;
  /** Whether it was made anew, once, because its key did not go by the server's clock. */
  isRenewed: boolean;
  retry?: unknown;
};

/**
 * The requests that have no answer yet. Each is sent, the same frame again after every reconnect and after
 * every `retryAfter` of at most a minute, until it is answered; within a lane one at a time, in order.
 */
export class Requests {
  readonly #line: Line;
  readonly #open = new Map<string, Request>();
  #closed: OshiError | undefined;
  #count = 0;

  constructor(line: Line) {
    this.#line = line;
  }

  /**
   * Resolves with what the answer holds, or rejects with the `OshiError` that the server or `close` gave. One that is
   * cancelled is not sent any more; if it was sent already, the server may have done it.
   */
  ask({ lane, frame, signal }: Asked): Promise<unknown> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(cancelled());
    if (this.#open.size >= unansweredMax) {
      return Promise.reject(
        new OshiError(`${unansweredMax} requests are unanswered`, { code: 'too-many' }),
      );
    }
    return new Promise((resolve, reject) => {
      this.#count += 1;
      const id = `r${this.#count}`;
      const state = { isSent: false, mayBeDone: false, isRenewed: false };
      const request: Request = { id, lane, frame, resolve, reject, ...state };
      this.#open.set(id, request);
      signal?.addEventListener('abort', () => this.#withdraw(request), { once: true });
      this.#send();
    });
  }

  /** The connection is open again: whatever was sent before it counts as lost. */
  reopen(): void {
    for (const request of this.#open.values()) {
      request.mayBeDone ||= request.isSent;
      request.isSent = false;
    }
    this.#send();
  }

  /** Takes an answer; one that nobody waits for is ignored. */
  answer(frame: OkFrame | ErrFrame): void {
    const request = this.#open.get(frame.id ?? '');
    if (!request) return;
    if (frame.t === 'ok') {
      this.#open.delete(request.id);
      request.resolve(frame.d);
    } else if (frame.now !== undefined && !request.mayBeDone && !request.isRenewed) {
      this.#renew(request, frame.now);
    } else if (frame.retryAfter === undefined || frame.retryAfter > retryAfterMax) {
      const { code, field, retryAfter, message } = frame;
      this.#open.delete(request.id);
      request.reject(new OshiError(message, { code, field, retryAfter }));
    } else {
      this.#retryLater(request, frame.retryAfter);
    }
    this.#send();
  }

  close(error: OshiError): void {
    this.#closed = error;
    for (const { retry, reject } of this.#open.values()) {
      this.#line.surroundings.clearTimer(retry);
      reject(error);
    }
    this.#open.clear();
  }

  /** Sends a request with a new key: the server has done nothing, since its clock and the key's are too far apart. */
  #renew(request: Request, now: number): void {
    this.#line.onClock(now);
    request.text = undefined;
    request.isSent = false;
    request.isRenewed = true;
  }

  #retryLater(request: Request, ms: number): void {
    request.isSent = false;
    request.retry = this.#line.surroundings.setTimer(() => {
      request.retry = undefined;
      this.#send();
    }, ms);
  }

  /** Sends what is first in its lane and neither under way nor waiting for its time. */
  #send(): void {
    if (!this.#line.isOpen()) return;
    const lanes = new Set<string>();
    for (const request of this.#open.values()) {
      if (lanes.has(request.lane)) continue;
      lanes.add(request.lane);
      if (!request.isSent && request.retry === undefined) this.#sendOne(request);
    }
  }

  /** A frame that is too large would end the connection (close 4413), so it is refused here. */
  #sendOne(request: Request): void {
    const frameMax = this.#line.frameMax();
    try {
      request.text ??= JSON.stringify({ ...request.frame(), id: request.id });
    } catch (cause) {
      this.#refuse(
        request,
        new OshiError('a request must be JSON', { code: 'bad-request', cause }),
      );
      return;
    }
    if (new TextEncoder().encode(request.text).length > frameMax) {
      const message = `a request may have ${frameMax} bytes`;
      this.#refuse(request, new OshiError(message, { code: 'too-large' }));
      return;
    }
    request.isSent = true;
    this.#line.send(request.text);
  }

  #withdraw(request: Request): void {
    if (!this.#open.has(request.id)) return;
    this.#line.surroundings.clearTimer(request.retry);
    this.#refuse(request, cancelled());
  }

  #refuse(request: Request, error: OshiError): void {
    this.#open.delete(request.id);
    request.reject(error);
    this.#send();
  }
}

const cancelled = (): OshiError =>
  new OshiError('the request was cancelled', { code: 'cancelled' });
