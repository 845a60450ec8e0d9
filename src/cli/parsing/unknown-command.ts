import type { Command } from 'commander';
import { distance } from 'fastest-levenshtein';

/** A word that is more different from a command than this is not taken for a misspelling of it. */
const distanceMax = 3;

/** The commands that a word may be a misspelling of, as the libraries' own suggestions for options look. */
const suggestion = (word: string, names: readonly string[]): string => {
  const near = names.filter((name) => {
    const changes = distance(word.slice(0, 64), name);
    return changes <= distanceMax && changes < 0.6 * Math.max(word.length, name.length);
  });
  if (near.length === 0) return '';
  return `\n(Did you mean ${near.length > 1 ? 'one of ' : ''}${near.join(', ')}?)`;
};

/** Ends because a word names none of the command's own commands, with the names of those that were perhaps meant. */
export const refuseUnknown = (command: Command, word: string): never => {
  const names = command.createHelp().visibleCommands(command);
  const meant = suggestion(
    word,
    names.map((each) => each.name()),
  );
  return command.error(`error: unknown command '${word}'${meant}`);
};
