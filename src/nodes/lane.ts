import { clearTimeout, setTimeout } from '../runtime/timers.ts';

/** What became of a call that was sent to a node. */
export type Reply =
  | { readonly state: 'answered'; readonly answer: unknown }
  | { readonly state: 'failed'; readonly error: Error }
  /** It was not handled: the node does not run the partition, or was not reached. */
  | { readonly state: 'elsewhere' }
  /** It may have been handled; the answer is lost. */
  | { readonly state: 'unknown' };

/** A call on its way to the actor that answers it. */
export type LaneCall = {
  /** Whether it can be sent again when it may have been handled already. */
  readonly isRepeatable: boolean;
  /** `round`: when a node has not handled a call of a round, it handles none that follows in that round. */
  readonly send: (owner: string, round: number) => Promise<Reply>;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  /** Settles it with the answer that its outcome is unknown. */
  readonly giveUp: () => void;
  /** Whether its caller does not wait any more. */
  isOver: boolean;
};

/** The owner of a partition, as far as this node knows. */
export type Owners = {
  /** The node that runs the partition; undefined: none, or not known. */
  current(): string | undefined;
  /** Whether a node has ended, so that it answers nothing any more. */
  hasEnded(node: string): boolean;
};

/** The pause before something is sent to a node again that did not handle it, in ms: it may not know yet that it should. */
const pauseMs = 20;

type Sent = { readonly number: number; readonly call: LaneCall };

/**
 * The calls to one partition, sent to its owner in the order in which they came. One that was not handled is sent again,
 * before all later ones; and nothing is sent to another owner while a call to the former one is unanswered, which might
 * come back.
 */
export class Lane {
  readonly #owners: Owners;
  /** In the order of their numbers. */
  readonly #waiting: Sent[] = [];
  readonly #inFlight = new Map<Sent, string>();
  #last = 0;
  #round = 1;
  /** Whether something is to be sent again, in a new round, once nothing of this one is in flight. */
  #isRoundOver = false;
  #pause: NodeJS.Timeout | undefined;

  constructor(owners: Owners) {
    this.#owners = owners;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#inFlight.size === 0;
  }

  add(call: LaneCall): void {
    this.#last += 1;
    this.#waiting.push({ number: this.#last, call });
    this.#advance();
  }

  /** Called when the partition may have another owner. */
  ownerChanged(): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    for (const [sent, owner] of [...this.#inFlight]) {
      if (this.#owners.hasEnded(owner)) this.#handle(sent, owner, { state: 'unknown' });
    }
    this.#advance();
  }

  /** Sends what can be sent. */
  #advance(): void {
    if (this.#pause !== undefined) return;
    if (this.#isRoundOver) {
      if (this.#inFlight.size > 0) return;
      this.#isRoundOver = false;
      this.#round += 1;
    }
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (!next.call.isOver) {
        const owner = this.#owners.current();
        if (owner === undefined || this.#isBusyElsewhere(owner)) return;
        this.#inFlight.set(next, owner);
        this.#send(next, owner);
      }
      this.#waiting.shift();
    }
  }

  #isBusyElsewhere(owner: string): boolean {
    for (const other of this.#inFlight.values()) if (other !== owner) return true;
    return false;
  }

  #send(sent: Sent, owner: string): void {
    void sent.call.send(owner, this.#round).then((reply) => {
      this.#handle(sent, owner, reply);
      this.#advance();
    });
  }

  #handle(sent: Sent, owner: string, reply: Reply): void {
    // Late: it has been sent elsewhere, or given up.
    if (this.#inFlight.get(sent) !== owner) return;
    this.#inFlight.delete(sent);
    const { call } = sent;
    if (reply.state === 'answered') call.resolve(reply.answer);
    else if (reply.state === 'failed') call.reject(reply.error);
    else if (reply.state === 'elsewhere' || call.isRepeatable) this.#sendAgain(sent);
    else call.giveUp();
  }

  #sendAgain(sent: Sent): void {
    if (sent.call.isOver) return;
    const later = this.#waiting.findIndex(({ number }) => number > sent.number);
    this.#waiting.splice(later < 0 ? this.#waiting.length : later, 0, sent);
    this.#isRoundOver = true;
    this.#pause ??= setTimeout(() => this.ownerChanged(), pauseMs).unref();
  }
}
