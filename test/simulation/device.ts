import type { Ledger, Told, WireEvent } from './ledger.ts';
import { Violation } from './ledger.ts';
import type { Network } from './link.ts';
import type { Node } from './node.ts';
import { Process } from './virtual-machine.ts';
import { type Frame, Wire } from './wire.ts';

export type Person = { readonly name: string; readonly user: string; readonly token: string };

type Answered = (answer: Frame) => void;
type Sent = { readonly frame: Frame; readonly onAnswer: Answered };

/** `awaited`: the request whose answer comes before anything that counts. */
type Subscribed = { last: number | undefined; isLive: boolean; awaited: string | undefined };

export type DeviceOptions = {
  readonly network: Network;
  readonly ledger: Ledger;
  readonly person: Person;
  readonly name: string;
  /** The node that the load balancer chooses; undefined if none is up. */
  readonly chooseNode: () => Node | undefined;
  /** Called in the place of throwing, which would be lost. */
  readonly onViolation: (violation: Violation) => void;
};

const retryMs = 500;
const retryDoublings = 5;
const answerMsMax = 15_000;
const shownMax = 50;

/** A message of a page or a reset. */
type Shown = { readonly id: string; readonly m: number; readonly text?: string };

/** A client that follows the protocol, and checks every frame against the log. */
export class Device {
  readonly name: string;
  readonly person: Person;
  readonly process: Process;
  readonly subscriptions = new Map<string, Subscribed>();
  readonly #options: DeviceOptions;
  readonly #outbox = new Map<string, Sent>();
  #wire: Wire | undefined;
  #isGreeted = false;
  #epoch: string | undefined;
  #ids = 0;
  #tries = 0;
  #after: number | undefined;

  constructor(options: DeviceOptions) {
    this.#options = options;
    this.name = options.name;
    this.person = options.person;
    this.process = new Process(options.name);
  }

  /** Whether it is gone for good. */
  isGone = false;

  get isConnected(): boolean {
    return this.#isGreeted;
  }

  get unanswered(): number {
    return this.#outbox.size;
  }

  get node(): Node | undefined {
    return this.#wire?.node;
  }

  get wire(): Wire | undefined {
    return this.#wire;
  }

  connect(): void {
    if (this.isGone) return;
    const { network, chooseNode } = this.#options;
    const node = chooseNode();
    if (!node) {
      this.#retry();
      return;
    }
    this.#isGreeted = false;
    const wire: Wire = new Wire(network, {
      ...{ node, client: this.process },
      ends: {
        onFrame: (frame) => this.#wire === wire && this.#guarded(() => this.#receive(wire, frame)),
        onClose: (code) => this.#wire === wire && this.#guarded(() => this.#closed(code)),
      },
    });
    this.#wire = wire;
    wire.open();
    const hello = { t: 'hello', id: 'hello', v: 1, token: this.person.token };
    wire.send(hello);
    network.machine.after(answerMsMax, this.process, () => {
      if (this.#wire === wire && !this.#isGreeted) wire.lose();
    });
  }

  /** Disconnects for good. */
  part(): void {
    this.isGone = true;
    this.#wire?.lose();
  }

  subscribe(s: string): void {
    if (!this.subscriptions.has(s))
      this.subscriptions.set(s, { last: undefined, isLive: false, awaited: undefined });
    if (this.#isGreeted) this.#sub(s);
  }

  /** Sends a command until its outcome is known. */
  command(op: string, d: object, { key, done }: { key?: string; done: Answered }): void {
    const id = `${this.name}-${++this.#ids}`;
    this.request({ t: 'cmd', id, op, d, ...(key && { key }) }, done);
  }

  /** Requests a page of the newest messages. */
  look(s: string, done: Answered): void {
    this.request({ t: 'get', id: `${this.name}-${++this.#ids}`, s, limit: shownMax }, done);
  }

  request(frame: Frame & { readonly id: string }, onAnswer: Answered): void {
    this.#outbox.set(frame.id, { frame, onAnswer });
    this.#post(frame.id);
  }

  /** Sends a request on the present connection, which is lost if no answer comes. */
  #post(id: string): void {
    const wire = this.#wire;
    const sent = this.#outbox.get(id);
    if (!(wire && sent && this.#isGreeted)) return;
    wire.send(sent.frame);
    this.#options.network.machine.after(answerMsMax, this.process, () => {
      if (this.#outbox.get(id) === sent && this.#wire === wire) wire.lose();
    });
  }

  #sub(s: string): void {
    const subscribed = this.subscriptions.get(s);
    if (!subscribed) return;
    subscribed.isLive = false;
    const from =
      subscribed.last === undefined ? {} : { after: subscribed.last, epoch: this.#epoch };
    const id = `${this.name}-${++this.#ids}`;
    if (subscribed.awaited) this.#outbox.delete(subscribed.awaited);
    subscribed.awaited = id;
    this.request({ t: 'sub', id, s, ...from }, (answer) => {
      if (subscribed.awaited !== id) return;
      subscribed.awaited = undefined;
      if (answer.t === 'err') this.subscriptions.delete(s);
    });
  }

  #receive(wire: Wire, frame: Frame): void {
    switch (frame.t) {
      case 'ok':
      case 'err':
        if (frame.id === 'hello') this.#greeted(frame);
        else this.#answered(wire, frame);
        return;
      case 'events':
        this.#events(frame);
        return;
      case 'reset':
        this.#reset(frame);
        return;
      case 'live': {
        const subscribed = this.#current(frame);
        if (subscribed) subscribed.isLive = true;
        return;
      }
      case 'end':
        if (this.#current(frame)) this.subscriptions.delete(frame.s as string);
        return;
      case 'ping':
        wire.send({ t: 'pong', n: frame.n });
        return;
      case 'bye':
        this.#after = frame.after as number;
        return;
    }
  }

  #greeted({ d }: Frame): void {
    const { epoch } = d as { epoch: string };
    if (this.#epoch !== undefined && this.#epoch !== epoch)
      throw new Violation('the epoch stays', `${this.#epoch} became ${epoch}`);
    this.#epoch = epoch;
    this.#isGreeted = true;
    this.#tries = 0;
    for (const [id, { frame }] of this.#outbox) if (frame.t === 'sub') this.#outbox.delete(id);
    for (const s of this.subscriptions.keys()) this.#sub(s);
    for (const [id, { frame }] of this.#outbox) if (frame.t !== 'sub') this.#post(id);
  }

  #answered(wire: Wire, frame: Frame): void {
    const id = frame.id as string;
    const sent = this.#outbox.get(id);
    if (!sent) return;
    if (frame.t === 'err' && typeof frame.retryAfter === 'number') {
      this.#options.network.machine.after(frame.retryAfter, this.process, () => {
        if (this.#wire === wire && this.#outbox.get(id) === sent) this.#post(id);
      });
      return;
    }
    if (frame.code === 'internal')
      throw new Violation('there are no internal errors', JSON.stringify(sent.frame));
    this.#outbox.delete(id);
    sent.onAnswer(frame);
  }

  #events(frame: Frame): void {
    const s = frame.s as string;
    const subscribed = this.#current(frame);
    if (!subscribed) return;
    for (const sent of frame.e as readonly WireEvent[]) {
      if (sent.n !== (subscribed.last ?? -1) + 1) {
        const details = `${this.name} ${s}: event ${sent.n} after ${subscribed.last}`;
        throw new Violation('events are sent once and in order', details);
      }
      subscribed.last = sent.n;
      this.#options.ledger.checkSent(this.#nameOf(s), this.person.user, sent);
    }
  }

  #reset(frame: Frame): void {
    const s = frame.s as string;
    const subscribed = this.#current(frame);
    if (!subscribed) return;
    const n = frame.n as number;
    if (frame.why === 'epoch') throw new Violation('a position stays valid', `${s} ${n}`);
    if (n > this.#options.ledger.lengthOf(this.#nameOf(s)))
      throw new Violation('what is sent is in the log', `reset of ${s} at ${n}`);
    subscribed.last = n;
    if (!Array.isArray(frame.messages)) return;
    const expected = this.#options.ledger.messagesAt(s, n).slice(-shownMax);
    const shown = (frame.messages as Shown[]).map(({ id, m, text }) => ({ id, m, text }));
    if (JSON.stringify(shown) !== JSON.stringify(expected.map(inOrder)))
      throw new Violation('a reset is the state at its number', `${s} at ${n}`);
  }

  /** The subscription that a frame belongs to; none while the answer to a later request for it is awaited. */
  #current({ s }: Frame): Subscribed | undefined {
    const subscribed = this.subscriptions.get(s as string);
    return subscribed?.awaited === undefined ? subscribed : undefined;
  }

  #nameOf(s: string): string {
    return s === 'me' ? `me of ${this.person.user}` : s;
  }

  #closed(code: number): void {
    this.#wire = undefined;
    this.#isGreeted = false;
    this.#retry();
    if (code >= 4400 && code < 4500)
      throw new Violation('a client that follows the protocol may stay', `closed with ${code}`);
  }

  #retry(): void {
    const { machine } = this.#options.network;
    const window = retryMs * 2 ** Math.min(this.#tries++, retryDoublings);
    const wait = this.#after ?? machine.chance.next() * window;
    this.#after = undefined;
    machine.after(wait, this.process, () => this.#wire ?? this.connect());
  }

  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      this.#options.onViolation(error);
    }
  }
}

const inOrder = ({ id, m, text }: Told): Told => ({ id, m, text });
