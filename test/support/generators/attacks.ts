import { type AST, visitRegExpAST } from '@eslint-community/regexpp';
import { fitting, isSingle, type Single, treeOf } from '../checkers/step-counter.ts';

/** Characters of many kinds, besides those that a regular expression names. */
const pool = [
  ...'aZ5_ \n\t-.,/:@*`<>"\'()[]{}!?#%+=é漢👍❤🇳',
  '\u0301',
  '🏽',
  '\ufe0f',
  '\u200d',
  '\0',
];

/** A repetition with less choice than this cannot cost much. */
export const boundMin = 8;

type Parts = {
  readonly singles: readonly Single[];
  readonly alternatives: readonly AST.Alternative[];
  readonly repetitions: readonly AST.Quantifier[];
};

const isInClass = ({ parent }: AST.Character | AST.CharacterSet): boolean =>
  parent?.type === 'CharacterClass' || parent?.type === 'CharacterClassRange';

const partsOf = (tree: AST.Node): Parts => {
  const singles: Single[] = [];
  const alternatives: AST.Alternative[] = [];
  const repetitions: AST.Quantifier[] = [];
  visitRegExpAST(tree, {
    onCharacterEnter: (node) => void (isInClass(node) || singles.push(node)),
    onCharacterSetEnter: (node) => void (isInClass(node) || singles.push(node)),
    onCharacterClassEnter: (node) => void singles.push(node),
    onAlternativeEnter: (node) => void alternatives.push(node),
    onQuantifierEnter: (node) => void (node.max - node.min >= boundMin && repetitions.push(node)),
  });
  return { singles, alternatives, repetitions };
};

/** Whether a regular expression repeats anything; one that does not looks at a few characters from each position. */
export const repeats = (source: string, flags: string): boolean =>
  partsOf(treeOf(source, flags)).repetitions.length > 0;

/** One character for each way in which characters fit the parts of a regular expression; last what fits the fewest. */
const alphabetOf = (singles: readonly Single[], flags: string): string[] => {
  const tests = singles.map((single) => fitting(single, flags));
  const own = singles.flatMap((single) =>
    single.type === 'Character' ? String.fromCodePoint(single.value) : [],
  );
  const kinds = new Map<string, string>();
  for (const character of [...own, ...pool]) {
    const kind = tests.map((fits) => (fits(character) ? '1' : '0')).join('');
    if (!kinds.has(kind)) kinds.set(kind, character);
  }
  const fitted = (kind: string): number => kind.split('1').length;
  return [...kinds].sort(([a], [b]) => fitted(b) - fitted(a)).map(([, character]) => character);
};

/** A short text that each element matches, of characters of an alphabet. */
const samples = (alphabet: readonly string[], flags: string) => {
  const ofAll = (elements: readonly AST.Element[]): string => elements.map(of).join('');
  const of = (element: AST.Element): string => {
    if (isSingle(element)) return alphabet.find(fitting(element, flags)) ?? '';
    if (element.type === 'Quantifier') return of(element.element).repeat(element.min);
    const isGroup = element.type === 'Group' || element.type === 'CapturingGroup';
    return isGroup ? ofAll(element.alternatives[0]?.elements ?? []) : '';
  };
  /** What leads to a part from the beginning. */
  const before = (node: AST.Node): string => {
    const { parent } = node;
    if (!parent) return '';
    const isListed = parent.type === 'Alternative';
    const at = isListed ? parent.elements.indexOf(node as AST.Element) : 0;
    return before(parent) + (isListed ? ofAll(parent.elements.slice(0, at)) : '');
  };
  return { ofAll, before };
};

/**
 * Texts that make a regular expression backtrack if anything does: a beginning, something again and again, an end.
 * Beginnings are what leads to each repetition; repeated are all texts of one or two characters, of those that the
 * regular expression tells apart and its repetitions take, and what its alternatives match.
 */
export function* attacksOn(source: string, flags: string, length: number): Generator<string> {
  const tree = treeOf(source, flags);
  const { singles, alternatives, repetitions } = partsOf(tree);
  const alphabet = alphabetOf(singles, flags);
  const { ofAll, before } = samples(alphabet, flags);
  const takes = repetitions
    .flatMap((each) => partsOf(each).singles)
    .map((each) => fitting(each, flags));
  const taken = alphabet.filter((character) => takes.some((fits) => fits(character)));
  const strange = alphabet.at(-1) ?? '';
  const begins = new Set(['', strange, ...repetitions.map(before)]);
  const wholes = alternatives.map(({ elements }) => ofAll(elements)).filter(Boolean);
  const pairs = taken.flatMap((one, at) => taken.slice(at + 1).map((other) => one + other));
  const again = (text: string): string => text.repeat(Math.ceil(length / text.length));
  for (const begin of begins) {
    for (const pump of new Set([...taken, ...wholes]))
      for (const end of ['', ...alphabet]) yield begin + again(pump) + end;
    for (const pump of pairs) for (const end of ['', strange]) yield begin + again(pump) + end;
  }
}
