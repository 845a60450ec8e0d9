/** A message on its way: shown at once, gone when the stream holds it. */
export type Outgoing = {
  readonly id: string;
  readonly text: string;
  readonly at: number;
  readonly replyTo?: string;
  /** `sent` once it was answered: its number is known, its event may still come. */
  readonly state: 'sending' | 'sent' | 'failed';
  readonly m?: number;
  /** Why it failed, for people. */
  readonly reason?: string;
};

export type Outbox = readonly Outgoing[];

/** Adds one, or begins again with one that failed: the same id, so that it can never stand twice. */
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

/** Without those that the stream holds: `ids` are on the page, and all up to `newest` have been told. */
export const settled = (outbox: Outbox, ids: ReadonlySet<string>, newest: number): Outbox =>
  outbox.some(({ id, m }) => ids.has(id) || (m ?? Number.POSITIVE_INFINITY) <= newest)
    ? outbox.filter(({ id, m }) => !ids.has(id) && (m ?? Number.POSITIVE_INFINITY) > newest)
    : outbox;
