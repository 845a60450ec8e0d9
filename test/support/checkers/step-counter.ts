import { type AST, RegExpParser } from '@eslint-community/regexpp';

type Next = (at: number) => boolean;
/** Tries to match from a position, and goes on with `next` from each end that there is until one succeeds. */
type Matcher = (at: number, next: Next) => boolean;

/** What stands for one character of a text: itself, an escape, a class. */
export type Single = AST.Character | AST.CharacterSet | AST.CharacterClass;

export const isSingle = (element: AST.Element): element is Single =>
  ['Character', 'CharacterSet', 'CharacterClass'].includes(element.type);

/** The tree of a regular expression. */
export const treeOf = (source: string, flags: string): AST.Pattern =>
  new RegExpParser().parsePattern(source, 0, source.length, { unicode: flags.includes('u') });

/** Whether a character fits, as the engine that runs this says. */
export const fitting = ({ raw }: Single, flags: string): ((character: string) => boolean) => {
  const form = new RegExp(`^${raw}$`, flags.replace(/[gym]/g, ''));
  const known = new Map<string, boolean>();
  return (character) => {
    const fits = known.get(character) ?? form.test(character);
    known.set(character, fits);
    return fits;
  };
};

const charactersOf = (text: string, flags: string): string[] =>
  flags.includes('u') ? [...text] : text.split('');

const sequence = (matchers: readonly Matcher[]): Matcher =>
  matchers.reduceRight<Matcher>(
    (rest, match) => (at, next) => match(at, (end) => rest(end, next)),
    (at, next) => next(at),
  );

/**
 * A backtracking engine that counts: each test of a character and each other try is a step. It finds what `matchAll`
 * finds. Forms that it cannot count are refused: back-references, and lookbehind over more than one character.
 */
export class StepCounter {
  readonly #flags: string;
  readonly #match: Matcher;
  #text: readonly string[] = [];
  #steps = 0;
  #stepsMax = 0;

  constructor(source: string, flags: string) {
    this.#flags = flags;
    this.#match = this.#alternatives(treeOf(source, flags).alternatives);
  }

  /** All matches in a text and the steps that it took to find them; throws a `RangeError` after `stepsMax`. */
  run(text: string, stepsMax: number): { readonly steps: number; readonly matches: string[] } {
    this.#text = charactersOf(text, this.#flags);
    this.#steps = 0;
    this.#stepsMax = stepsMax;
    const matches: string[] = [];
    for (let start = 0; start <= this.#text.length; ) {
      let end = -1;
      this.#match(start, (reached) => {
        end = reached;
        return true;
      });
      if (end >= 0) matches.push(this.#text.slice(start, end).join(''));
      start = Math.max(end, start + 1);
    }
    return { steps: this.#steps, matches };
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > this.#stepsMax) throw new RangeError(`over ${this.#stepsMax} steps`);
  }

  #alternatives(branches: readonly AST.Alternative[]): Matcher {
    const matchers = branches.map(({ elements }) =>
      sequence(elements.map((element) => this.#matcherOf(element))),
    );
    return (at, next) =>
      matchers.some((match) => {
        this.#step();
        return match(at, next);
      });
  }

  #matcherOf(element: AST.Element): Matcher {
    if (isSingle(element)) {
      const fits = this.#single(element);
      return (at, next) => fits(at) && next(at + 1);
    }
    switch (element.type) {
      case 'Group':
      case 'CapturingGroup':
        return this.#alternatives(element.alternatives);
      case 'Quantifier':
        return isSingle(element.element)
          ? this.#run(element.element, element)
          : this.#repeated(element.element, element);
      case 'Assertion':
        return 'alternatives' in element ? this.#lookaround(element) : this.#edge(element);
      default:
        throw new Error(`the steps of ${element.raw} cannot be counted`);
    }
  }

  #single(element: Single): (at: number) => boolean {
    const fits = fitting(element, this.#flags);
    return (at) => {
      this.#step();
      const character = this.#text[at];
      return character !== undefined && fits(character);
    };
  }

  /** One character again and again, in a loop, as engines do. */
  #run(element: Single, { min, max, greedy }: AST.Quantifier): Matcher {
    const fits = this.#single(element);
    const longest = (at: number, most: number): number => {
      let end = at;
      while (end - at < most && fits(end)) end += 1;
      return end;
    };
    const greedily: Matcher = (at, next) => {
      for (let end = longest(at, max); end - at >= min; end -= 1) {
        this.#step();
        if (next(end)) return true;
      }
      return false;
    };
    const lazily: Matcher = (at, next) => {
      let end = longest(at, min);
      for (; end - at >= min && end - at <= max; end += 1) {
        if (next(end)) return true;
        if (!fits(end)) return false;
      }
      return false;
    };
    return greedy ? greedily : lazily;
  }

  #repeated(element: AST.Element, { min, max, greedy }: AST.Quantifier): Matcher {
    const match = this.#matcherOf(element);
    const after =
      (count: number): Matcher =>
      (at, next) => {
        this.#step();
        const more = (): boolean =>
          count < max &&
          match(at, (end) => (end > at || count < min) && after(count + 1)(end, next));
        if (count < min) return more();
        return greedy ? more() || next(at) : next(at) || more();
      };
    return after(0);
  }

  #lookaround(node: AST.LookaroundAssertion): Matcher {
    const { kind, negate } = node;
    const isBehind = kind === 'lookbehind';
    const isOne = ({ elements: [one, ...more] }: AST.Alternative): boolean =>
      one !== undefined && isSingle(one) && more.length === 0;
    if (isBehind && !node.alternatives.every(isOne))
      throw new Error(`the steps of ${node.raw} cannot be counted`);
    const match = this.#alternatives(node.alternatives);
    const from = isBehind ? -1 : 0;
    return (at, next) => (at + from >= 0 && match(at + from, () => true)) !== negate && next(at);
  }

  #edge(node: AST.EdgeAssertion | AST.WordBoundaryAssertion): Matcher {
    const isMultiline = this.#flags.includes('m');
    const isBreak = (at: number): boolean => /[\n\r\u2028\u2029]/.test(this.#text[at] ?? '');
    const isWord = (at: number): boolean => /\w/.test(this.#text[at] ?? '');
    const holds = (at: number): boolean => {
      if (node.kind === 'word') return (isWord(at - 1) !== isWord(at)) !== node.negate;
      if (node.kind === 'start') return at === 0 || (isMultiline && isBreak(at - 1));
      return at === this.#text.length || (isMultiline && isBreak(at));
    };
    return (at, next) => {
      this.#step();
      return holds(at) && next(at);
    };
  }
}
