import { type Command, InvalidArgumentError } from 'commander';
import { isUuid } from '../../events/ids.ts';
import { type Moment, momentForms, momentIn } from '../../history/moment.ts';
import { limit } from '../parsing/arguments.ts';
import type { AtOptions, Room } from './printing.ts';

const room = (text: string): Room => {
  const parts = text.split('/');
  const [circle = '', stream] = parts;
  if (parts.length > 2 || !parts.every(isUuid)) {
    throw new InvalidArgumentError(
      'must be the id of a circle, a lower-case UUID, or <circle>/<stream>.',
    );
  }
  return stream === undefined ? { circle } : { circle, stream };
};

const moment = (text: string): Moment => {
  const read = momentIn(text);
  if (read) return read;
  throw new InvalidArgumentError(`must be ${momentForms}.`);
};

const messagesDefault = 50;

export const atCommand = (command: Command): Command =>
  command
    .argument('<room>', 'the id of a circle: its members; or <circle>/<stream>: its messages', room)
    .argument('<moment>', 'a time, or the number of an event of the circle or the stream', moment)
    .option('--limit <number>', 'show at most the newest <number> messages', limit, messagesDefault)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Caution: this prints messages of private circles too, including deleted ones, and invite codes.

A moment is 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC; a day is its first
moment), milliseconds since 1970, or, below 100000000000, the number of an event: of the circle, or with a stream of
that stream. A moment in the future is now. Deleted circles and streams can be shown as well.

Users are shown with their current names. Works with or without a running server.

  oshi at 0198… 2026-03-03T14:00Z              the members of the circle, its streams and invites
  oshi at 0198…/0198… 2026-03-03T14:00Z        the newest messages at that time
  oshi at 0198…/0198… 1204 --limit 10 --json   the same after event 1204 of the stream

Exit codes: 0 success; 1 failure, see the last line; 2 invalid command line.`,
    )
    .action(async (asked: Room, when: Moment, options: AtOptions) =>
      (await import('./printing.ts')).print(asked, when, options),
    );
