import { type Signal, signal } from '@preact/signals';
import type { Client } from '../../../src/client/client.ts';
import type { AccountStorage } from './account-storage.ts';
import { codeOf, errorText } from './errors.ts';
import * as outbox from './outbox.ts';

/** Messages of a closed page that waited longer than this are not sent automatically, in ms. */
const resendMs = 86_400_000;

export type OutboxesDeps = {
  readonly client: Pick<Client, 'post'>;
  readonly storage: AccountStorage;
  readonly now: () => number;
  /** A message in this stream could not be sent. */
  readonly onFailed: (s: string) => void;
};

type KeptMessage = { readonly s: string; readonly message: outbox.Outgoing };

/**
 * The outgoing messages of one account by stream. Each is stored in this browser until the server has it, so that it
 * is sent again after a reload with the same id and takes effect once (W8).
 */
export class Outboxes {
  readonly #deps: OutboxesDeps;
  readonly #all = new Map<string, Signal<outbox.Outbox>>();

  constructor(deps: OutboxesDeps) {
    this.#deps = deps;
    this.#resume();
  }

  of(s: string): Signal<outbox.Outbox> {
    const known = this.#all.get(s) ?? signal<outbox.Outbox>([]);
    this.#all.set(s, known);
    return known;
  }

  /** Sends a message, or retries one. */
  async send(s: string, message: Omit<outbox.Outgoing, 'state'>): Promise<void> {
    const { client, onFailed } = this.#deps;
    const { id, text, replyTo } = message;
    const box = this.of(s);
    box.value = outbox.sending(box.value, message);
    this.#keep(s, id);
    try {
      const { m } = await client.post(s, text, { id, ...(replyTo && { replyTo }) });
      box.value = outbox.sent(box.value, id, m);
      this.#forget(id);
    } catch (error) {
      box.value = outbox.failed(box.value, id, errorText(error));
      // A closed connection is not a refusal: the message is sent after the next login.
      if (codeOf(error) === 'closed') return;
      this.#keep(s, id);
      onFailed(s);
    }
  }

  retry(s: string, id: string): void {
    const message = this.of(s).value.find((outgoing) => outgoing.id === id);
    if (message) void this.send(s, message);
  }

  discard(s: string, id: string): void {
    const box = this.of(s);
    box.value = outbox.discarded(box.value, id);
    this.#forget(id);
  }

  /** Removes messages that the stream contains: `ids` are on the page, and events up to `newest` were received. */
  settle(s: string, ids: ReadonlySet<string>, newest: number): void {
    const box = this.of(s);
    const before = box.value;
    box.value = outbox.settled(before, ids, newest);
    for (const { id } of before) if (ids.has(id)) this.#forget(id);
  }

  #resume(): void {
    const { storage, now } = this.#deps;
    const kept = storage.names('outgoing:').flatMap((name) => storage.get<KeptMessage>(name) ?? []);
    const messages = kept.map(({ value }) => value);
    for (const { s, message } of messages.toSorted((a, b) => a.message.at - b.message.at)) {
      const isOld = message.at < now() - resendMs;
      if (message.state === 'sending' && !isOld) void this.send(s, message);
      else {
        const { reason = 'It was written more than a day ago.' } = message;
        const box = this.of(s);
        box.value = [...box.value, { ...message, state: 'failed', reason }];
      }
    }
  }

  #keep(s: string, id: string): void {
    const message = this.of(s).value.find((outgoing) => outgoing.id === id);
    if (message) this.#deps.storage.set(`outgoing:${id}`, { s, message });
  }

  #forget(id: string): void {
    this.#deps.storage.set(`outgoing:${id}`, undefined);
  }
}
