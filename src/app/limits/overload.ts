import { errors, type Problem, Refused } from '../refusals.ts';
import { limits } from './limits.ts';
import { Usage } from './usage.ts';

export type OverloadOptions = {
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** Total working time of the event loop, in ms; waiting does not count. */
  readonly worked: () => number;
  /** A number from 0 to 1. */
  readonly random: () => number;
};

/** Called when a command has been answered, or is given up. */
export type Answered = () => void;

/** A command that has not been answered: when it was accepted, and whether that was beyond the bound. */
type Accepted = { readonly at: number; readonly isBeyond: boolean };

/** How often it is decided whether there is an overload, in ms. */
const windowMs = 100;
/** The event loop is busy if it works for this part of the time. */
const busyPart = 0.95;
/** Without a refusal for this time the overload is over, in ms. */
const calmMs = 1000;
/** The bound on commands in flight shrinks by this factor while there is an overload, and grows by the other else. */
const shrink = 0.9;
const grow = 1.05;
/** The rate of answers is taken over this time, in ms, since they come in batches. */
const rateMs = 2000;
/** The highest rate is forgotten by this factor each time: by half within a minute. */
const forget = 0.98;

/** What is answered sooner, in ms, was refused without any work, as beyond its rate: it says nothing of an overload. */
const promptMs = 1;

/** What was answered since `since`, how many of it late, and how many very late. */
type Window = { since: number; worked: number; answered: number; late: number; slow: number };

/**
 * Refuses commands early while the server cannot answer them in time, so that those which it accepts do not wait.
 *
 * There is an overload when most answers took longer than `limits.overloadMs` while the event loop was busy: then fewer
 * in flight are answered sooner, and as many per second. If it is not busy, they wait for the log, which appends what
 * waits together: fewer would be no faster. So then there is one only when they took longer than `limits.logLagMs`.
 *
 * During an overload the number of commands in flight is bounded. The bound follows what happens, but not below what can
 * be answered within the time that it should take, at the highest rate of the last minute (Little's law): the log and the
 * read models do much at once far more cheaply, so a lower bound would cost more than it helps. What exceeds the bound is
 * refused, unless its user has had less than half an equal share: of such, as many again are accepted.
 */
export class Overload {
  readonly #options: OverloadOptions;
  readonly #usage: Usage;
  /** In the order of their acceptance. */
  readonly #inFlight = new Set<Accepted>();
  #window: Window;
  #bound: number | undefined;
  #beyond = 0;
  /** The highest rate of answers, per ms. */
  #best = 0;
  #rated = { since: 0, answered: 0 };
  #refusedAt = 0;
  #refusals = 0;

  constructor(options: OverloadOptions) {
    this.#options = options;
    this.#usage = new Usage(options.now);
    this.#window = this.#opened(options.now());
    this.#rated.since = options.now();
  }

  /** Commands that were refused. */
  get refusals(): number {
    return this.#refusals;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** How many commands may be in flight; undefined: there is no overload. */
  get bound(): number | undefined {
    this.#look(this.#options.now());
    return this.#bound;
  }

  /** Accepts a user's command, and returns what must be called once it is answered; or why it is refused. */
  admit(user: string): Answered | Problem {
    const now = this.#options.now();
    this.#look(now);
    const most = this.#bound ?? limits.inFlightMax;
    const isBeyond = this.#inFlight.size >= most;
    if (isBeyond && !(this.#beyond < most && this.#usage.isBelowShare(user))) {
      return this.#refuse(now);
    }
    const accepted = { at: now, isBeyond };
    if (isBeyond) this.#beyond++;
    this.#usage.add(user);
    this.#inFlight.add(accepted);
    return () => this.#answered(accepted);
  }

  /** Executes a user's command, or throws `Refused`. */
  async run<Answer>(user: string, work: () => Promise<Answer>): Promise<Answer> {
    const admitted = this.admit(user);
    if (typeof admitted !== 'function') throw new Refused(admitted.code, admitted);
    try {
      return await work();
    } finally {
      admitted();
    }
  }

  #refuse(now: number): Problem {
    this.#refusals++;
    this.#refusedAt = now;
    const retryAfter = Math.round(limits.overloadRetryMs * (0.5 + this.#options.random()));
    return { code: 'unavailable', message: errors.unavailable.message, retryAfter };
  }

  #answered(accepted: Accepted): void {
    const now = this.#options.now();
    const ms = now - accepted.at;
    this.#inFlight.delete(accepted);
    if (accepted.isBeyond) this.#beyond--;
    if (ms >= promptMs) this.#window.answered++;
    if (ms > limits.overloadMs) this.#window.late++;
    if (ms > limits.logLagMs) this.#window.slow++;
    this.#look(now);
  }

  #opened(now: number): Window {
    return { since: now, worked: this.#options.worked(), answered: 0, late: 0, slow: 0 };
  }

  /** Decides about the last window, if it has ended. One without answers goes on while nothing waits for too long. */
  #look(now: number): void {
    const window = this.#window;
    const passed = now - window.since;
    if (passed < windowMs) return;
    const [oldest] = this.#inFlight;
    const isStuck = oldest !== undefined && now - oldest.at > limits.logLagMs;
    if (window.answered === 0 && oldest && !isStuck) return;
    this.#window = this.#opened(now);
    this.#rate(now, window.answered);
    const isBusy = this.#window.worked - window.worked > passed * busyPart;
    const late = isBusy ? window.late : window.slow;
    const isOverloaded = window.answered > 0 ? late * 2 > window.answered : isStuck;
    if (isOverloaded) this.#tighten(now);
    else if (this.#bound !== undefined) this.#relax(now, this.#bound);
  }

  #rate(now: number, answered: number): void {
    const rated = this.#rated;
    rated.answered += answered;
    const passed = now - rated.since;
    if (passed < rateMs) return;
    this.#best = Math.max(this.#best * forget, rated.answered / passed);
    this.#rated = { since: now, answered: 0 };
  }

  #tighten(now: number): void {
    if (this.#bound === undefined) this.#refusedAt = now;
    const least = Math.max(limits.inFlightMin, this.#best * limits.overloadMs);
    const bound = (this.#bound ?? least) * shrink;
    this.#bound = Math.min(limits.inFlightMax, Math.max(least, bound));
  }

  #relax(now: number, bound: number): void {
    const isOver = now - this.#refusedAt >= calmMs;
    this.#bound = isOver ? undefined : Math.min(limits.inFlightMax, bound * grow);
  }
}
