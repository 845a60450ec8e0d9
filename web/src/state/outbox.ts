/** An outgoing message: shown immediately, removed when the stream contains it. */
export type Outgoing = {
  readonly id: string;
  readonly text: string;
  readonly at: number;
  readonly replyTo?: string;
  /** `sent` once answered: its number is known, its event may still follow. */
  readonly state: 'sending' | 'sent' | 'failed';
  readonly m?: number;
  /** Why it failed, as text. */
  readonly reason?: string;
};

export type Outbox = readonly Outgoing[];

/** Adds one, or retries a failed one with the same id, so that it is never posted twice. */
export const sending = (outbox: Outbox, message: Omit<Outgoing, 'state'>): Outbox => {
  const { reason: _, ...rest } = message as Outgoing;
  const outgoing: Outgoing = { ...rest, state: 'sending' };
  return outbox.some(({ id }) => id === message.id)
    ? outbox.map((other) => (other.id === message.id ? outgoing : other))
    : [...outbox, outgoing];
};

export const sent = (outbox: Outbox, id: string, m: number): Outbox =>
  outbox.map((message) => (message.id === id ? { ...message, state: 'sent', m } : message));

export const failed = (outbox: Outbox, id: string, reason: string): Outbox =>
  outbox.map((message) => (message.id === id ? { ...message, state: 'failed', reason } : message));

export const discarded = (outbox: Outbox, id: string): Outbox =>
  outbox.filter((message) => message.id !== id);

/** Without those in the stream: `ids` are on the page, and events up to `newest` were received. */
export const settled = (outbox: Outbox, ids: ReadonlySet<string>, newest: number): Outbox =>
  outbox.some(({ id, m }) => ids.has(id) || (m ?? Number.POSITIVE_INFINITY) <= newest)
    ? outbox.filter(({ id, m }) => !ids.has(id) && (m ?? Number.POSITIVE_INFINITY) > newest)
    : outbox;
