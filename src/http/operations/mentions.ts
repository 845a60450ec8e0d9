import { foldName } from '../../actors/name/fold.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { limits } from '../limits.ts';

const named = /(?<![\p{L}\p{N}_])@([\p{L}\p{M}\p{N}_.-]{2,64})/gu;

/** Greedy to the last character that may end a name; from the end, each `.` and `-` would be tried as the first. */
const ended = /^.*[^.-]/su;

/**
 * The names that a text mentions, each with what it may mean in order of preference: the longest run of name
 * characters, then that without trailing `.` and `-` (H5).
 */
export const namesIn = (text: string): string[][] => {
  const found = new Map<string, string[]>();
  for (const [, run = ''] of text.matchAll(named)) {
    const choices = [...new Set([foldName(run), foldName(ended.exec(run)?.[0] ?? '')])];
    found.set(choices.join('@'), choices);
    if (found.size >= limits.mentionsMax) break;
  }
  return [...found.values()];
};

/**
 * For each name in a text the ids of whom it may mean, members or not, the best first; most texts name nobody and
 * cost nothing. Where a name is nobody's, it is looked for once more when `ready` has resolved: somebody may have just
 * taken it, and a mention that is missed when a message is posted is missed for ever.
 */
export const namedIn = async (
  models: ReadModels,
  text: string,
  ready: () => Promise<void>,
): Promise<readonly (readonly string[])[]> => {
  const names = text.includes('@') ? namesIn(text) : [];
  if (names.length === 0) return [];
  const look = async (): Promise<string[][]> => {
    const holders = await models.names.holders([...new Set(names.flat())]);
    return names.map((choices) => choices.flatMap((name) => holders.get(name) ?? []));
  };
  const found = await look();
  if (found.every(({ length }) => length > 0)) return found;
  // Read models that have fallen behind keep nobody from posting.
  await ready().catch(() => undefined);
  return look();
};
