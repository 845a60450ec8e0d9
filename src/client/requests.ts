import { OshiError } from './error.ts';
import type { ErrFrame, OkFrame } from './frames.ts';
import type { Surroundings } from './surroundings.ts';

/** A longer wait is left to the caller, in ms. */
const retryAfterMax = 60_000;

/** More unanswered requests than this are refused: the caller does not wait for answers. */
const unansweredMax = 1_000;

export type Line = {
  readonly isOpen: () => boolean;
  readonly send: (text: string) => void;
  /** The largest frame that the server accepts, in bytes. */
  readonly frameMax: () => number;
  /** Called with the server's clock if a key does not match it. */
  readonly onClock: (now: number) => void;
  readonly surroundings: Surroundings;
};

export type RequestOptions = {
  readonly lane: string;
  /** Creates the frame when it is first sent, when the server's clock is known. */
  readonly frame: () => object;
  /** When aborted, the request rejects with the code `cancelled`. */
  readonly signal?: AbortSignal | undefined;
};

type Request = Omit<RequestOptions, 'signal'> & {
  readonly id: string;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: OshiError) => void;
  text?: string | undefined;
  isSent: boolean;
  /** Whether it was sent on a lost connection, so that it may have been executed. */
  mayBeDone: boolean;
  /** Whether it was recreated, once, because its key did not match the server's clock. */
  isRenewed: boolean;
  retry?: unknown;
};

/**
 * The unanswered requests. Each is resent unchanged after every reconnect and after every `retryAfter` of at most a
 * minute, until it is answered; within a lane one at a time, in order.
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
   * Resolves with the answer, or rejects with the `OshiError` from the server or `close`. A cancelled request is no
   * longer sent; if it was sent already, the server may have executed it.
   */
  ask({ lane, frame, signal }: RequestOptions): Promise<unknown> {
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

  /** The connection is open again: requests sent before count as lost. */
  reopen(): void {
    for (const request of this.#open.values()) {
      request.mayBeDone ||= request.isSent;
      request.isSent = false;
    }
    this.#send();
  }

  /** Handles an answer; ignores one without a request. */
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

  /**
   * Resends a request with a new key: the server has not executed it, since its clock and the key's are too far apart.
   */
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

  /** Sends the first request of each lane unless it is sent or waiting. */
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
      const message = `a request can have at most ${frameMax} bytes`;
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
