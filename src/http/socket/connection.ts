import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import type { ConnectionActor } from '../../actors/connection/actor.ts';
import { limits } from '../../app/limits/limits.ts';
import { Invalid, type Problem, problemOf, Refused } from '../../app/refusals.ts';
import type { Caller } from '../../app/sessions/sessions.ts';
import { isTooDeep } from '../../app/validation.ts';
import type { ConnectionId } from '../../events/ids.ts';
import { Outlet } from '../../hub/outlet.ts';
import type { Subscriber, Subscription } from '../../hub/subscription.ts';
import { type Close, closes, silent } from './close-codes.ts';
import {
  type ClientFrame,
  clientFrames,
  type Frame,
  frameIn,
  type HelloFrame,
  idOf,
  type RequestFrame,
} from './frames.ts';
import { HeadStart } from './head-start.ts';
import { Intake } from './intake.ts';
import { RequestQueue } from './request-queue.ts';
import type { Responder } from './responding.ts';
import { deferEnd, interceptBytes } from './socket-bytes.ts';
import type { Upgrade } from './upgrade.ts';
import { ViolationCounter } from './violation-counter.ts';
import { Vitals } from './vitals.ts';

export type ConnectionOptions = {
  readonly id: ConnectionId;
  readonly ws: WebSocket;
  readonly socket: Socket;
  readonly upgrade: Upgrade;
  readonly actor: ConnectionActor;
  readonly responder: Responder<Connection>;
  /** Whether frames have a rate. */
  readonly rateLimits: boolean;
  /** Called when hello has been answered. */
  readonly onGreeted: () => void;
  /** Called when the server closes it, with the close code. */
  readonly onDropped: (code: number) => void;
  /** Called when the socket is closed, by either side. */
  readonly onGone: () => void;
  /** Schedules the cleanup of a closed socket, so that many that close at once do not block the event loop. */
  readonly scheduleCleanup: (run: () => void) => void;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
};

/**
 * A WebSocket connection: handles frames in order, answers each request once, and closes with a reason (W1, W14-W16).
 */
export class Connection implements Subscriber {
  readonly id: ConnectionId;
  readonly upgrade: Upgrade;
  readonly outlet: Outlet;
  readonly subscriptions = new Map<string, Subscription>();
  readonly headStart = new HeadStart();
  readonly openedAt: number;
  caller: Caller | undefined;
  readonly #options: ConnectionOptions;
  readonly #intake: Intake;
  readonly #vitals: Vitals;
  readonly #violations = new ViolationCounter();
  readonly #requests: RequestQueue;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { id, ws, socket, upgrade, now, rateLimits } = options;
    this.id = id;
    this.upgrade = upgrade;
    this.openedAt = now();
    this.outlet = new Outlet(socket);
    this.#intake = new Intake({
      socket: ws,
      deliver: interceptBytes(socket, (chunk) => this.#intake.take(chunk)),
      onExcess: (close) => this.close(close),
      onClosed: () => socket.end(),
      onCut: () => ws.terminate(),
      now,
      hasRate: rateLimits,
    });
    deferEnd(socket, options.scheduleCleanup);
    this.#vitals = new Vitals(this.openedAt);
    this.#requests = new RequestQueue({
      admit: (frame) => options.responder.admit(this, frame),
      refuse: (id, problem) => this.outlet.send({ t: 'err', id, ...problem }),
      answer: (frame, next) =>
        frame.t === 'hello' ? this.#greet(frame) : this.#respond(frame, next),
      onAnswered: () => this.#steer(),
    });
    ws.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    // The library has found a malformed frame, and closes the socket itself.
    ws.on('error', () => this.#stop());
    ws.on('close', (code: number) => this.#gone(code));
  }

  /** Whether it is closed or closing. */
  get isOver(): boolean {
    const { actor } = this.#options;
    return !(actor.isOpen || actor.isGreeting);
  }

  get flowing(): boolean {
    return this.outlet.flowing;
  }

  write(frames: Buffer): void {
    this.outlet.write(frames);
  }

  drained(): Promise<void> {
    return this.outlet.drained();
  }

  ended(subscription: Subscription): void {
    if (this.subscriptions.get(subscription.s) === subscription) {
      this.subscriptions.delete(subscription.s);
    }
  }

  /** Sends `ok`. */
  ok(id: string, d?: object): void {
    this.outlet.send(d === undefined ? { t: 'ok', id } : { t: 'ok', id, d });
  }

  /** Sends `bye` unless the code is silent, and closes. No frame is handled or sent afterwards. */
  close(close: Close, after = 0): void {
    const { actor, ws } = this.#options;
    if (this.isOver) return;
    if (actor.isOpen && !silent.has(close.code)) this.outlet.send({ t: 'bye', ...close, after });
    actor.drain(close.code);
    this.#options.onDropped(close.code);
    this.#stop();
    ws.close(close.code, close.reason);
  }

  /** Closes without waiting for the client's close frame. */
  cut(close: Close): void {
    this.close(close);
    this.#options.ws.terminate();
  }

  #gone(code: number): void {
    const { actor, onGone, scheduleCleanup } = this.#options;
    this.#stop();
    scheduleCleanup(() => {
      actor.close(code);
      this.#stop();
      onGone();
    });
  }

  /** Drops all subscriptions, and handles no more frames. */
  #stop(): void {
    for (const subscription of this.subscriptions.values()) subscription.topic.drop(subscription);
    this.subscriptions.clear();
    this.#requests.clear();
    this.#intake.close();
  }

  /** Checks deadlines; called a few times per second. `ping` is a frame shared by many connections. */
  pulse(now: number, ping: Buffer): void {
    const { actor } = this.#options;
    if (actor.isGreeting) {
      this.#steer();
      const late = now - this.openedAt >= limits.helloMs;
      if (late && !this.#requests.isBusy) this.close(closes.noHello);
      return;
    }
    if (!actor.isOpen) return;
    this.#steer();
    const action = this.#vitals.look(now, this.outlet, !this.#intake.paused);
    if (action === 'ping') this.write(ping);
    else if (action) this.close(action);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const { actor, now } = this.#options;
    if (this.isOver) return;
    this.#vitals.sign(now());
    actor.frames++;
    const frame = isBinary ? undefined : frameIn(data);
    if (frame) this.#accept(frame);
    else this.close(closes.badFrame);
    this.#steer();
  }

  #accept(frame: Frame): void {
    const isFirst = this.#options.actor.isGreeting;
    const known = clientFrames.get(frame.t);
    const violation = isTooDeep(frame)
      ? { message: 'the frame is nested too deeply' }
      : known?.violation(frame);
    const mustBeValid = isFirst || frame.t === 'hello';
    if (mustBeValid && (frame.t !== 'hello' || violation)) {
      this.close(closes.badFrame);
    } else if (!known) {
      this.#refuse(idOf(frame), new Refused('unsupported', { message: 'unknown frame type' }));
    } else if (violation) {
      this.#refuseInvalid(idOf(frame), new Refused('bad-request', violation));
    } else {
      this.#take(frame as ClientFrame);
    }
  }

  #take(frame: ClientFrame): void {
    if (frame.t !== 'cmd') this.#violations.recordValid();
    if (frame.t === 'pong') return;
    if (frame.t === 'sig') {
      const { caller } = this;
      if (caller && this.#intake.takeSignal()) {
        this.#options.responder.signal(this, caller.user, frame);
      }
      return;
    }
    this.#requests.push(frame);
  }

  async #greet(frame: HelloFrame): Promise<void> {
    const { actor, responder, onGreeted } = this.#options;
    try {
      const greeting = frame.v === 1 ? await responder.greet(this, frame) : closes.version;
      if ('code' in greeting) {
        this.close(greeting);
      } else if (!this.isOver) {
        this.caller = greeting.caller;
        actor.greet(greeting.caller);
        this.#intake.open();
        onGreeted();
        this.ok(frame.id, greeting.d);
      }
    } catch (error) {
      // Errors of a connection that was closed meanwhile are not reported: the server may be shutting down.
      if (!this.isOver) this.#report(error);
      this.close(closes.internal, limits.appliedMs);
    }
  }

  async #respond(frame: RequestFrame, next: () => void): Promise<void> {
    const { actor, responder } = this.#options;
    if (frame.t === 'cmd') actor.commands++;
    try {
      await responder.respond(this, frame, next);
      this.#violations.recordValid();
    } catch (error) {
      if (error instanceof Invalid) {
        this.#refuseInvalid(frame.id, error);
      } else {
        if (problemOf(error).code !== 'unsupported') this.#violations.recordValid();
        this.#refuse(frame.id, error);
      }
    }
  }

  /** Closes the connection after three invalid frames in a row. */
  #refuseInvalid(id: string | undefined, error: unknown): void {
    this.#refuse(id, error);
    if (this.#violations.recordViolation()) this.close(closes.badFrame);
  }

  #refuse(id: string | undefined, error: unknown): void {
    if (!this.#options.actor.isOpen) return;
    this.#report(error);
    const problem: Problem = problemOf(error);
    this.outlet.send({ t: 'err', ...(id !== undefined && { id }), ...problem });
    const isLimited = problem.code === 'rate-limited';
    if (isLimited && this.#violations.recordRateLimited(this.#options.now())) {
      this.close(closes.tooMany, limits.refusalsWindowMs);
    }
  }

  #report(error: unknown): void {
    if (error instanceof Refused) return;
    this.#options.onError(error instanceof Error ? error : new Error(String(error)));
  }

  #steer(): void {
    if (this.isOver) return;
    const { size: unanswered, isBusy, isPausing } = this.#requests;
    const isGreeting = isBusy && this.#options.actor.isGreeting;
    this.#intake.steer({ unanswered, flowing: this.flowing, isGreeting, isPausing });
  }
}
