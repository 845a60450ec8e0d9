import { Command, InvalidArgumentError } from 'commander';
import { isUuid } from '../../events/ids.ts';
import type { MessageName } from './reading.ts';

const messageName = (text: string): MessageName => {
  const parts = text.split('/');
  const [first = '', stream = '', message = ''] = parts;
  if (!parts.every(isUuid) || (parts.length !== 1 && parts.length !== 3)) {
    throw new InvalidArgumentError(
      'it must be the id of a message, a lower-case UUID, or <circle>/<stream>/<message>.',
    );
  }
  return parts.length === 1 ? { message: first } : { circle: first, stream, message };
};

/** `oshi explain`: by what right somebody could post a message. */
export const explainCommand = (): Command =>
  new Command('explain')
    .description('say by which events the author of a message had the right to post it')
    .argument(
      '<message>',
      'its id, or <circle>/<stream>/<message>, which is found faster',
      messageName,
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Take care: it prints what the message says, and what circles, streams and people are called.

Everything is taken from the log, nothing from the read models: who registered, in which session it was posted,
what the circle was when the author came in, who made the invite, whether they had left, and whether the stream was
open. Then what became of it: edits, who deleted it, whether the author is gone. An id alone is looked for in the
whole log. It reads beside a server that runs, or without one.

  oshi explain 0198c0de-…
  oshi explain 0198…/0198…/0198… --json | jq -r '.steps[].what'

Exit codes: 0 the author had the right; 1 it could not be done, as the last line says; 2 the command line was not
understood; 3 by the log the author had no right to post it, which should never be: oshi verify tells whether the
log is whole.`,
    )
    .action(async (name: MessageName, options: { readonly json?: boolean }) =>
      (await import('./printing.ts')).print(name, options),
    );
