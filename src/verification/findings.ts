/** The kinds of findings, by their subject. `docs/verify.md` describes each; a test compares them. */
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

/** One fault: its kind and location, a text, and the values that differ. */
export type Finding = {
  readonly code: FindingCode;
  /** One line for the operator. */
  readonly message: string;
  /** `<partition>:<seq>` in the log. */
  readonly position?: string;
  readonly aggregate?: string;
  readonly collection?: string;
  readonly id?: string;
  readonly field?: string;
  readonly live?: unknown;
  readonly rebuilt?: unknown;
};

/** Findings of each code that are kept; beyond, they are only counted. */
export const keptMax = 20;

/** Collects findings and keeps the first of each code, so that a log full of faults costs no memory. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<FindingCode, number>();
  readonly #onKept: (finding: Finding) => void;

  /** `onKept` is called with each finding that is kept. */
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

  get counts(): Readonly<Partial<Record<FindingCode, number>>> {
    return Object.fromEntries(this.#counts);
  }
}
