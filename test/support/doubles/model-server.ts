import { welcome } from '../fixtures/client-stage.ts';
import type { Frame } from './fake-socket.ts';

type PostData = { readonly s: string; readonly id: string; readonly text: string };
type Posted = { readonly n: number; readonly k: string; readonly d: { readonly text: string } };

/** One connection, seen from the server: what it has to say and has not been carried to the client. */
export type Wire = { readonly queue: object[]; readonly subscribed: Set<string> };

/**
 * As much of a server as posts, edits and subscriptions need, true to the protocol: it answers from what it
 * holds, recognises repeats, and sends events to whoever has subscribed. `isBusy` says when it refuses a command
 * for a while.
 */
export class ModelServer {
  readonly #streams = new Map<string, Posted[]>();
  readonly #answers = new Map<string, object>();
  readonly #wires = new Set<Wire>();
  readonly #isBusy: () => boolean;

  constructor(isBusy: () => boolean) {
    this.#isBusy = isBusy;
  }

  /** The events of a stream. */
  events(s: string): Posted[] {
    const found = this.#streams.get(s) ?? [];
    this.#streams.set(s, found);
    return found;
  }

  connect(): Wire {
    const wire: Wire = { queue: [], subscribed: new Set() };
    this.#wires.add(wire);
    return wire;
  }

  disconnect(wire: Wire): void {
    this.#wires.delete(wire);
  }

  /** Somebody does something: the event is stored and sent. */
  append(s: string, k: string, d: { readonly text: string }): Posted {
    const event = { n: this.events(s).length + 1, at: 1, by: 'u', k, d };
    this.events(s).push(event);
    for (const { queue, subscribed } of this.#wires) {
      if (subscribed.has(s)) queue.push({ t: 'events', s, e: [event] });
    }
    return event;
  }

  handle(wire: Wire, frame: Frame): void {
    const { t, id } = frame;
    if (t === 'hello') wire.queue.push({ t: 'ok', id, d: welcome });
    else if (t === 'sub') this.#subscribe(wire, frame);
    else if (t === 'cmd') wire.queue.push(this.#command(frame));
    else if (t === 'unsub') wire.subscribed.delete(String(frame.s));
  }

  #subscribe({ queue, subscribed }: Wire, { id, s: name, after }: Frame): void {
    const s = String(name);
    subscribed.add(s);
    queue.push({ t: 'ok', id });
    const rest = this.events(s).slice(Number(after));
    while (rest.length > 0) queue.push({ t: 'events', s, e: rest.splice(0, 3) });
    queue.push({ t: 'live', s, n: this.events(s).length });
  }

  #command({ id, op, d, key }: Frame): object {
    const data = d as PostData;
    const repeat = `${op} ${key ?? data.id}`;
    const known = this.#answers.get(repeat);
    if (known) return { t: 'ok', id, d: known };
    if (this.#isBusy()) {
      return { t: 'err', id, code: 'unavailable', message: 'later', retryAfter: 300 };
    }
    const kind = op === 'post-message' ? 'message-posted' : 'message-edited';
    const { n } = this.append(data.s, kind, { text: data.text });
    const answer = { id: data.id, n, m: n, at: 1 };
    this.#answers.set(repeat, answer);
    return { t: 'ok', id, d: answer };
  }
}
