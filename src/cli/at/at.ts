import { Command, InvalidArgumentError } from 'commander';
import { isUuid } from '../../events/ids.ts';
import { type Moment, momentForms, momentIn } from '../../history/moment.ts';
import { limit } from '../parsing/arguments.ts';
import type { AtOptions, Room } from './printing.ts';

const room = (text: string): Room => {
  const parts = text.split('/');
  const [circle = '', stream] = parts;
  if (parts.length > 2 || !parts.every(isUuid)) {
    throw new InvalidArgumentError(
      'it must be the id of a circle, a lower-case UUID, or <circle>/<stream>.',
    );
  }
  return stream === undefined ? { circle } : { circle, stream };
};

const moment = (text: string): Moment => {
  const read = momentIn(text);
  if (read) return read;
  throw new InvalidArgumentError(`it must be ${momentForms}.`);
};

const messagesDefault = 50;

/** `oshi at`: a circle or a stream as it was. */
export const atCommand = (): Command =>
  new Command('at')
    .description('show a circle or a stream as it was at a moment')
    .argument(
      '<room>',
      'the id of a circle: who was in it; or <circle>/<stream>: what was said',
      room,
    )
    .argument(
      '<moment>',
      'a time, or the number of an event of the circle or of the stream',
      moment,
    )
    .option('--limit <number>', 'so many messages at most, the newest', limit, messagesDefault)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Take care: it prints what was said, in private circles too, also what was deleted later; and invite codes.

A moment is 2026-03-03, 2026-03-03T14:05:00Z, 2026-03-03T14:05+01:00 (without a zone: UTC; a day is its first
moment), milliseconds since 1970, or, below 100000000000, the number of an event: of the circle, or with a stream of
that stream. A moment that is yet to come is now. Circles and streams that were deleted since can be asked for.

People are called what they are called today. It reads beside a server that runs, or without one.

  oshi at 0198… 2026-03-03T14:00Z              who was in the circle, its streams and invites
  oshi at 0198…/0198… 2026-03-03T14:00Z        the newest messages, as they read then
  oshi at 0198…/0198… 1204 --limit 10 --json   the same after event 1204 of the stream

Exit codes: 0 done; 1 it could not be done, as the last line says; 2 the command line was not understood.`,
    )
    .action(async (asked: Room, when: Moment, options: AtOptions) =>
      (await import('./printing.ts')).print(asked, when, options),
    );
