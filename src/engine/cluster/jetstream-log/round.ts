import { decode } from '../../../events/codec.ts';
import type { AppendFailureReason } from '../../../events/log.ts';
import { sleep } from '../../../runtime/timers.ts';
import { type BatchOutcome, isAtomicAble, type Sending, sendBatch, sendSingles } from './batch.ts';
import { type Entry, failureOf, type Sent, stalledRemedy } from './entry.ts';
import type { PartitionNames } from './family.ts';
import { LinkLost } from './link.ts';
import { conflictCode, reasonOf, refusesBatches } from './publish-reply.ts';
import { storedMessage } from './stored.ts';

export type RoundOptions = Sending & {
  readonly partition: PartitionNames;
  /** How long to wait for a lost connection before an outcome is reported as unknown, in ms. */
  readonly regainMsMax: number;
};

/** An entry whose outcome must be looked up, and the result of sending it. */
type Doubt = { readonly entry: Entry; readonly place: number; readonly sent: Sent };

/** Attempts of a round before what is still missing is reported as unknown. */
const sendingsMax = 4;
const againMs = 50;
/** After so many attempts without an answer, of which nothing is stored, a server that answers otherwise is stalled. */
const silentMax = 2;

export type RoundOutcome = {
  /** Whether it still accepts batches. */
  readonly batches: boolean;
  /** Whether it answers requests, but neither stores nor refuses commits. */
  readonly isStalled: boolean;
};

/**
 * Sends entries of one partition in their order and settles each of them: all are in the log in that order, or have
 * failed, when the promise resolves. It never rejects. A lost answer is looked up by reading, so `conflict` is only
 * reported for what is not stored and never will be.
 */
export class Round {
  readonly #options: RoundOptions;
  readonly #waiting = new Map<number, Entry>();
  readonly #doubted = new Set<Entry>();
  /** The greatest index in the round whose entry is stored. */
  #lastStored = -1;

  constructor(options: RoundOptions, entries: readonly Entry[]) {
    this.#options = options;
    for (const [place, entry] of entries.entries()) this.#waiting.set(place, entry);
  }

  async run(batches: boolean): Promise<RoundOutcome> {
    let takesBatches = batches;
    let silent = 0;
    for (let sending = 0; sending < sendingsMax && silent < silentMax; sending++) {
      if (this.#waiting.size === 0) break;
      // A cluster may still be busy with what was sent before.
      if (sending > 0) await sleep(againMs);
      const { batchless, isSilent } = await this.#sendAll(takesBatches);
      if (batchless) takesBatches = false;
      silent = isSilent ? silent + 1 : 0;
    }
    const isStalled = silent === silentMax;
    const why = isStalled ? { remedy: stalledRemedy } : {};
    for (const [place, entry] of this.#waiting) {
      this.#fail(place, entry, { reason: 'unknown', ...why });
    }
    return { batches: takesBatches, isStalled };
  }

  /** Sends what waits, once. `isSilent`: there was no answer, but a read shows that nothing of it is stored. */
  async #sendAll(batches: boolean): Promise<{ batchless: boolean; isSilent: boolean }> {
    const places = [...this.#waiting.keys()];
    const entries = [...this.#waiting.values()];
    const { sent, batchless = false } = await this.#send(entries, batches);
    const doubts: Doubt[] = [];
    for (const [index, entry] of entries.entries()) {
      const outcome = sent[index];
      const place = places[index];
      if (outcome && place !== undefined) this.#take({ entry, place, sent: outcome }, doubts);
    }
    await this.#findOut(doubts);
    const isSilent = sent.every(isUnanswered) && places.every((each) => this.#waiting.has(each));
    return { batchless, isSilent };
  }

  async #send(
    entries: readonly Entry[],
    batches: boolean,
  ): Promise<{ readonly sent: readonly Sent[]; readonly batchless?: boolean }> {
    const { link } = this.#options;
    if (!batches || entries.length === 1 || !isAtomicAble(link)) {
      return { sent: await sendSingles(this.#options, entries) };
    }
    const outcome = await sendBatch(this.#options, entries);
    if (outcome.kind !== 'refused') return sentOf(outcome, entries.length);
    // One conflict refuses all of it: sent one by one, it fails one aggregate.
    const sent = await sendSingles(this.#options, entries);
    return { sent, batchless: refusesBatches(outcome.code) };
  }

  #take({ entry, place, sent }: Doubt, doubts: Doubt[]): void {
    if (sent.kind === 'stored') {
      this.#store(place, entry, sent.seq);
      return;
    }
    const reason = sent.kind === 'lost' ? 'unknown' : reasonOf(sent.code);
    // A store that failed may have failed after writing. And what was sent twice may conflict with itself.
    const isDoubtful = reason === 'unknown' || reason === 'full' || this.#doubted.has(entry);
    if (isDoubtful) doubts.push({ entry, place, sent });
    else this.#fail(place, entry, { reason, ...(sent.kind === 'refused' && { why: sent.text }) });
  }

  /** Looks each doubtful entry up; what is not stored stays waiting, to be sent again. */
  async #findOut(doubts: readonly Doubt[]): Promise<void> {
    if (doubts.length === 0) return;
    const { link, regainMsMax } = this.#options;
    const isBack = await link.regained(regainMsMax);
    const found = await Promise.all(
      doubts.map(({ entry }) => (isBack ? this.#lookUp(entry) : new LinkLost('no connection'))),
    );
    const missing: Doubt[] = [];
    for (const [index, doubt] of doubts.entries()) {
      const { entry, place } = doubt;
      const there = found[index];
      if (typeof there === 'number') this.#store(place, entry, there);
      else if (there === 'other') this.#fail(place, entry, { reason: 'conflict' });
      else if (there === 'nothing') missing.push(doubt);
      else this.#fail(place, entry, { reason: 'unknown', why: there?.message });
    }
    // Only now is it known how far the round is stored.
    for (const doubt of missing) this.#sendAgain(doubt);
  }

  /** Leaves the entry waiting, unless that would be wrong; then it fails. */
  #sendAgain({ entry, place, sent }: Doubt): void {
    const wasDoubted = this.#doubted.has(entry);
    this.#doubted.add(entry);
    if (place < this.#lastStored) {
      const why = 'a later commit is stored, and this one must not follow it';
      this.#fail(place, entry, { reason: 'unknown', why });
    } else if (sent.kind === 'refused' && sent.code === conflictCode) {
      this.#fail(place, entry, { reason: 'conflict' });
    } else if (sent.kind === 'refused' && reasonOf(sent.code) !== 'conflict') {
      // What was sent before and is missing may still arrive.
      const reason = wasDoubted ? 'unknown' : reasonOf(sent.code);
      this.#fail(place, entry, { reason, why: sent.text });
    }
  }

  /** The sequence number of the entry's commit, or what is stored in its place, or why that is unknown. */
  async #lookUp(entry: Entry): Promise<number | 'other' | 'nothing' | Error> {
    const { link, partition } = this.#options;
    try {
      const wanted = { next_by_subj: entry.subject, seq: entry.after.seq + 1 };
      const next = await storedMessage(link, partition, wanted);
      if (!next) return 'nothing';
      return decode(next.data).id === entry.commit.id ? next.seq : 'other';
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #store(place: number, entry: Entry, seq: number): void {
    this.#waiting.delete(place);
    this.#lastStored = Math.max(this.#lastStored, place);
    entry.stored(seq);
  }

  #fail(place: number, entry: Entry, { reason, why, remedy }: Failure): void {
    this.#waiting.delete(place);
    entry.failed(failureOf(reason, entry, { detail: why, ...(remedy && { remedy }) }));
  }
}

const isUnanswered = (sent: Sent): boolean =>
  sent.kind === 'lost' && !(sent.cause instanceof LinkLost);

type Failure = {
  readonly reason: AppendFailureReason;
  readonly why?: string | undefined;
  readonly remedy?: string;
};

/** A batch is in the log without a gap, and ends at the sequence number of its answer. */
const sentOf = (
  outcome: Exclude<BatchOutcome, { kind: 'refused' }>,
  count: number,
): { readonly sent: readonly Sent[]; readonly batchless?: boolean } => {
  const each = (of: (index: number) => Sent): Sent[] =>
    Array.from({ length: count }, (_, index) => of(index));
  switch (outcome.kind) {
    case 'stored':
      return {
        sent: each((index) => ({ kind: 'stored', seq: outcome.lastSeq - count + 1 + index })),
      };
    case 'lost':
      return { sent: each(() => ({ kind: 'lost', cause: outcome.cause })) };
    case 'ignored': {
      // The server treated the batch as single messages and answered for the last of them only.
      const cause = new Error('the server knows no batches');
      const last: Sent = { kind: 'stored', seq: outcome.lastSeq };
      const sent = each((index) => (index === count - 1 ? last : { kind: 'lost', cause }));
      return { sent, batchless: true };
    }
  }
};
