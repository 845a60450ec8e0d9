/** What may be wrong, by what it is about. `docs/verify.md` describes each; a test compares them. */
export const findingCodes = {
  log: [
    'damaged',
    'unreadable',
    'unknown-kind',
    'misplaced',
    'gap',
    'broken-chain',
    'missing',
    'index',
  ],
  models: ['another-log', 'ahead', 'differs', 'lost', 'extra', 'behind'],
  checkpoints: ['forged', 'other-log', 'cut-off', 'rewritten'],
} as const;

export type FindingCode = (typeof findingCodes)[keyof typeof findingCodes][number];

/** One thing that is not as it should be: what, where, in words, and with the values that differ. */
export type Finding = {
  readonly code: FindingCode;
  /** One line for people. */
  readonly message: string;
  /** `<partition>:<place>` in the log. */
  readonly position?: string;
  readonly aggregate?: string;
  readonly collection?: string;
  readonly id?: string;
  readonly field?: string;
  readonly live?: unknown;
  readonly rebuilt?: unknown;
};

/** So many findings of each code are kept whole; of the others it is known how many there were. */
export const keptMax = 20;

/** Takes findings and keeps the first of each code, so that a log that is wrong throughout costs no memory. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<FindingCode, number>();
  readonly #onKept: (finding: Finding) => void;

  /** `onKept` is told of each finding that is kept, when it is made. */
  constructor(onKept: (finding: Finding) => void = () => {}) {
    this.#onKept = onKept;
  }

  add(finding: Finding): void {
    const count = (this.#counts.get(finding.code) ?? 0) + 1;
    this.#counts.set(finding.code, count);
    if (count > keptMax) return;
    this.#kept.push(finding);
    this.#onKept(finding);
  }

  get kept(): readonly Finding[] {
    return this.#kept;
  }

  /** How many there were of each code. */
  get counts(): Readonly<Partial<Record<FindingCode, number>>> {
    return Object.fromEntries(this.#counts);
  }
}
