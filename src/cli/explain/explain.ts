import { type Command, InvalidArgumentError } from 'commander';
import { isUuid } from '../../events/ids.ts';
import type { MessageName } from './reading.ts';

const messageName = (text: string): MessageName => {
  const parts = text.split('/');
  const [first = '', stream = '', message = ''] = parts;
  if (!parts.every(isUuid) || (parts.length !== 1 && parts.length !== 3)) {
    throw new InvalidArgumentError(
      'must be the id of a message, a lower-case UUID, or <circle>/<stream>/<message>.',
    );
  }
  return parts.length === 1 ? { message: first } : { circle: first, stream, message };
};

export const explainCommand = (command: Command): Command =>
  command
    .argument(
      '<message>',
      'its id, or <circle>/<stream>/<message>, which is found faster',
      messageName,
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Caution: this prints the text of the message, and names of circles, streams and users.

All information comes from the log, none from the read models: the account, the session in which it was posted,
the circle when the author joined, the invite and who created it, whether they had left, and whether the stream was
open. Then later events: edits, the deletion, and whether the author has left. An id alone is searched in the
whole log. Works with or without a running server.

  oshi explain 0198c0de-…
  oshi explain 0198…/0198…/0198… --json | jq -r '.steps[].what'

Exit codes: 0 the author had permission; 1 failure, see the last line; 2 invalid command line; 3 by the log the author
did not have permission, which should never happen: run oshi verify to check whether the log was
changed.`,
    )
    .action(async (name: MessageName, options: { readonly json?: boolean }) =>
      (await import('./printing.ts')).print(name, options),
    );
