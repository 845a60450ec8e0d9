import { createInbox, type Msg, nuid } from '@nats-io/transport-node';
import { clearTimeout, setTimeout } from '../../../runtime/timers.ts';
import { askApi, isLost, Unreachable } from './api.ts';
import { type Link, LinkLost } from './link.ts';
import type { Stored } from './stored.ts';

/**
 * What to read from a stream: the positions `after < seq <= until`, all subjects or some. A server before 2.10
 * supports no list of subjects and returns all, so callers that select several must filter.
 */
export type PullQuery = {
  readonly stream: string;
  readonly after: number;
  readonly until: number;
  readonly subjects?: readonly string[];
  /** Bytes per request, approximately. */
  readonly windowBytes: number;
};

/** Without an answer for this long, the consumer or the connection to it is lost. */
const stallMsMax = 10_000;
const windowMessagesMax = 10_000;
/** How long the server keeps an idle consumer: a slow reader should not need a new one. */
const idleNs = 120e9;
const restartsMax = 5;
const regainMsMax = 10_000;

/**
 * The messages in order, in windows counted in bytes; the next window is requested while one is processed. Read by an
 * ephemeral consumer of its own without acknowledgements, which is replaced when it or the connection is lost, so
 * that each message arrives once.
 */
export async function* pull(link: Link, query: PullQuery): AsyncGenerator<readonly Stored[]> {
  let after = query.after;
  let restarts = 0;
  while (after < query.until) {
    try {
      for await (const window of consume(link, { ...query, after })) {
        after = window.at(-1)?.seq ?? after;
        restarts = 0;
        yield window;
      }
      return;
    } catch (cause) {
      if (!isBroken(cause)) throw cause;
      if (++restarts > restartsMax || !(await link.regained(regainMsMax))) {
        throw new Unreachable(`${query.stream} cannot be read: is nats-server running?`, { cause });
      }
    }
  }
}

/** The messages of one consumer, while it exists. */
async function* consume(link: Link, query: PullQuery): AsyncGenerator<readonly Stored[]> {
  const consumer = await PullConsumer.open(link, query);
  try {
    for (;;) {
      const window = await consumer.window();
      const last = window.at(-1);
      if (!last) return;
      const isEnd = last.seq >= query.until || consumer.isAtEnd;
      if (!isEnd) consumer.request();
      yield window;
      if (isEnd) return;
    }
  } finally {
    consumer.close();
  }
}

/** The consumer delivers no more, or not everything. */
class PullBroken extends Error {
  override readonly name = 'PullBroken';
}

const isBroken = (error: unknown): boolean => error instanceof PullBroken || isLost(error);

class PullConsumer {
  /** Whether the newest window ends with the last message. */
  isAtEnd = false;
  readonly #link: Link;
  readonly #query: PullQuery;
  readonly #name = `oshi-${nuid.next()}`;
  readonly #inbox = createInbox();
  #messages: Stored[] = [];
  #count = 0;
  #settle: { resolve(): void; reject(error: Error): void } | undefined;
  #arrival: Promise<void> = Promise.resolve();
  #stall: NodeJS.Timeout | undefined;
  #forget = (): void => {};

  static async open(link: Link, query: PullQuery): Promise<PullConsumer> {
    const consumer = new PullConsumer(link, query);
    const { num_pending } = await askApi<{ num_pending: number }>(link, {
      path: `CONSUMER.CREATE.${query.stream}.${consumer.#name}`,
      body: { stream_name: query.stream, config: consumer.#config() },
    });
    consumer.isAtEnd = num_pending === 0;
    consumer.#listen();
    if (!consumer.isAtEnd) consumer.request();
    return consumer;
  }

  private constructor(link: Link, query: PullQuery) {
    this.#link = link;
    this.#query = query;
  }

  #config(): object {
    const { after, subjects = [] } = this.#query;
    return {
      name: this.#name,
      ack_policy: 'none',
      deliver_policy: 'by_start_sequence',
      opt_start_seq: after + 1,
      inactive_threshold: idleNs,
      mem_storage: true,
      num_replicas: 1,
      ...(subjects.length === 1 && { filter_subject: subjects[0] }),
      ...(subjects.length > 1 && { filter_subjects: subjects }),
    };
  }

  request(): void {
    this.#arrival = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // It may fail while the reader is still processing the window before.
    this.#arrival.catch(() => {});
    this.#watchStall();
    const body = {
      batch: windowMessagesMax,
      max_bytes: this.#query.windowBytes,
      expires: stallMsMax * 1e6,
    };
    this.#link.nc.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#query.stream}.${this.#name}`,
      JSON.stringify(body),
      { reply: this.#inbox },
    );
  }

  /** The requested window; empty if there is nothing more. */
  async window(): Promise<readonly Stored[]> {
    await this.#arrival;
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  close(): void {
    this.#forget();
    this.#end(new PullBroken('closed'));
    const path = `CONSUMER.DELETE.${this.#query.stream}.${this.#name}`;
    // Not worth waiting for: an idle consumer expires.
    if (this.#link.up) this.#link.nc.publish(`$JS.API.${path}`);
  }

  #listen(): void {
    const subscription = this.#link.nc.subscribe(this.#inbox, {
      callback: (error, message) => {
        if (error) this.#end(error);
        else this.#take(message);
      },
    });
    const forgetTurn = this.#link.onTurn((up) => {
      if (!up) this.#end(new LinkLost('the connection to NATS is lost'));
    });
    this.#forget = () => {
      subscription.unsubscribe();
      forgetTurn();
    };
  }

  #take(message: Msg): void {
    const delivery = deliveryOf(message.reply ?? '');
    if (!delivery) {
      this.#takeStatus(message.headers?.code ?? 0);
      return;
    }
    if (delivery.count !== this.#count + 1) {
      this.#end(new PullBroken(`message ${this.#count + 1} of a consumer is lost`));
      return;
    }
    this.#count = delivery.count;
    this.#messages.push({ seq: delivery.seq, subject: message.subject, data: message.data });
    this.isAtEnd = delivery.pending === 0;
    const isWhole = this.#messages.length >= windowMessagesMax;
    if (isWhole || this.isAtEnd || delivery.seq >= this.#query.until) this.#end();
  }

  /** 408 and 409 end a window: its time or its bytes are used up. A lost consumer gives 409 too, or 503. */
  #takeStatus(code: number): void {
    if (code === 100) return;
    if (this.#messages.length > 0) this.#end();
    else this.#end(new PullBroken(`a consumer ended with status ${code}`));
  }

  #watchStall(): void {
    clearTimeout(this.#stall);
    this.#stall = setTimeout(() => this.#end(new PullBroken('a consumer stalled')), stallMsMax * 2);
  }

  #end(error?: Error): void {
    clearTimeout(this.#stall);
    if (error) this.#settle?.reject(error);
    else this.#settle?.resolve();
    this.#settle = undefined;
  }
}

/** The metadata of a consumer's message, from its reply subject (ADR-15). */
export type Delivery = {
  /** Its sequence number in the stream. */
  readonly seq: number;
  /** Its number among the messages of the consumer, from 1. */
  readonly count: number;
  /** How many more the consumer has to deliver. */
  readonly pending: number;
};

/**
 * Parses `$JS.ACK.<stream>.<consumer>.<tries>.<seq>.<count>.<time>.<pending>`, or the longer form with a domain and
 * an account before the stream; undefined for other subjects.
 */
export const deliveryOf = (reply: string): Delivery | undefined => {
  const tokens = reply.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined;
  const first = tokens.length === 9 ? 5 : 7;
  const [seq, count, , pending] = tokens.slice(first).map(Number);
  if (seq === undefined || count === undefined || pending === undefined) return undefined;
  return { seq, count, pending };
};
