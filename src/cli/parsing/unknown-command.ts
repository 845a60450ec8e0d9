import type { Command } from 'commander';
import { distance } from 'fastest-levenshtein';

/** The maximum edit distance of a suggestion. */
const distanceMax = 3;

/** Suggests similar commands, as the library does for options. */
const suggestion = (word: string, names: readonly string[]): string => {
  const near = names.filter((name) => {
    const changes = distance(word.slice(0, 64), name);
    return changes <= distanceMax && changes < 0.6 * Math.max(word.length, name.length);
  });
  if (near.length === 0) return '';
  return `\n(Did you mean ${near.length > 1 ? 'one of ' : ''}${near.join(', ')}?)`;
};

/** Exits with an error for an unknown command, with suggestions. */
export const refuseUnknown = (command: Command, word: string): never => {
  const names = command.createHelp().visibleCommands(command);
  const meant = suggestion(
    word,
    names.map((each) => each.name()),
  );
  return command.error(`error: unknown command '${word}'${meant}`);
};
