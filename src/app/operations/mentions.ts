import { isHoldable } from '../../actors/name/holdable.ts';
import type { ActorsPort } from '../../actors/port.ts';
import type { ReadModels } from '../../projections/read-models.ts';
import { mentionsIn } from '../../text/markup/mentions.ts';
import { parse } from '../../text/markup/parse.ts';
import { limits } from '../limits/limits.ts';
import { withinMs } from '../limits/within-ms.ts';
import { problemOf } from '../refusals.ts';

/**
 * The names that a text mentions, each with its alternatives in order of preference, by the grammar of messages (H5).
 * Parses only texts that may mention someone.
 */
export const namesIn = (text: string): string[][] => {
  if (!text.includes('@')) return [];
  const found = new Map<string, string[]>();
  for (const candidates of mentionsIn(parse(text))) {
    const names = candidates.map(({ name }) => name);
    found.set(names.join('@'), names);
    if (found.size >= limits.mentionsMax) break;
  }
  return [...found.values()];
};

export type NamedDeps = {
  readonly models: Pick<ReadModels, 'names'>;
  /** Resolves when the read models have applied what the author has seen. */
  readonly ready: () => Promise<void>;
  readonly actors: Pick<ActorsPort, 'holderOf'>;
};

/** User ids by name. */
type Holders = ReadonlyMap<string, string>;

/** The holders of names by the log; a name that takes too long is omitted. */
const holdersInLog = async ({ actors }: NamedDeps, names: readonly string[]): Promise<Holders> => {
  const found = new Map<string, string>();
  const look = async (name: string): Promise<void> => {
    const holder = await actors.holderOf(name);
    if (holder) found.set(name, holder.user);
  };
  await withinMs(Promise.allSettled(names.filter(isHoldable).map(look)), limits.othersMs).catch(
    () => undefined,
  );
  return new Map(found);
};

/**
 * For each name in a text, the ids of the users it may mean, members or not, the best first. Texts without names cost
 * nothing. If a name is unknown it is looked up again after `ready`: it may have just been registered, and a mention
 * that is missed when a message is posted is missed permanently. While the read models are unavailable or behind, the
 * log is asked instead, for a short time, so that posting is not blocked.
 */
export const namedIn = async (
  deps: NamedDeps,
  text: string,
): Promise<readonly (readonly string[])[]> => {
  const names = namesIn(text);
  if (names.length === 0) return [];
  const all = [...new Set(names.flat())];
  const meantBy = (holders: Holders): string[][] =>
    names.map((choices) => choices.flatMap((name) => holders.get(name) ?? []));
  const look = async (): Promise<string[][]> =>
    meantBy(await withinMs(deps.models.names.holders(all), limits.othersMs));
  try {
    const found = await look();
    if (found.every(({ length }) => length > 0)) return found;
    await deps.ready();
    return await look();
  } catch (error) {
    if (problemOf(error).code !== 'unavailable') throw error;
    return meantBy(await holdersInLog(deps, all));
  }
};
