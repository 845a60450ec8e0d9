import { configOf, environment } from '../../config.ts';
import type { Moment } from '../../history/moment.ts';
import { jsonLine } from '../../text/json-line.ts';
import { openHistoryToRead } from '../history-to-read.ts';
import { type Colours, coloursOf } from '../terminal/colours.ts';
import { columns } from '../terminal/columns.ts';
import { shown } from '../terminal/shown.ts';
import { cut, widthOf } from '../terminal/width.ts';
import {
  type CircleReport,
  type MemberRow,
  readCircle,
  readStream,
  type SaidRow,
  type StreamReport,
} from './reading.ts';

/** What is looked at: a circle, or one of its streams. */
export type Room = { readonly circle: string; readonly stream?: string };

export type AtOptions = { readonly limit: number; readonly json?: boolean };

/** A text is cut to so many columns at least, and where there is no terminal not at all. */
const textMin = 20;
const gap = 2;

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

/** A table whose last column has what room the terminal leaves. */
const table = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { faint }: Colours,
): string => {
  const cells = rows.map((row) => row.map(shown));
  const needed = heads.map((head, at) =>
    Math.max(head.length, ...cells.map((row) => widthOf(row[at] ?? ''))),
  );
  const others = needed.slice(0, -1).reduce((sum, each) => sum + each + gap, 0);
  const room = Math.max(textMin, (process.stdout.columns ?? Number.POSITIVE_INFINITY) - others);
  return columns({
    heads: heads.map((text) => ({ text: faint(text) })),
    rows: cells.map((row) =>
      row.map((text, at) => (at === row.length - 1 ? cut(text, room) : text)),
    ),
  });
};

const memberCells = (member: MemberRow, owner: string | undefined): string[] => [
  member.user,
  member.username ?? '',
  timeOf(member.joinedAt),
  `event ${member.joinedN}`,
  member.user === owner ? 'owner' : member.invite === undefined ? '' : `invite ${member.invite}`,
  member.nickname ?? '',
];

const circleText = (report: CircleReport, colours: Colours): string => {
  const { n, at, circle, members, streams, invites } = report;
  const { id, name, kind, visibility, about, owner, deleted } = circle;
  const title = kind === 'direct' ? 'direct conversation' : `${visibility} circle “${shown(name)}”`;
  const lines = [
    `${title} ${id} after its event ${n}, of ${timeOf(at)}`,
    ...(about === undefined ? [] : [shown(about)]),
  ];
  if (deleted) return [...lines, 'It had been deleted.'].join('\n');
  const memberHeads = ['member', 'username', 'joined', 'by', 'as', 'nickname'];
  const who = members.map((member) => memberCells(member, owner));
  const rooms = streams.map(({ id: stream, name: called, archived, messages, topic }) => [
    stream,
    called,
    `${messages}`,
    archived ? 'archived' : 'open',
    topic ?? '',
  ]);
  const ways = invites.map(({ code, by, uses, maxUses, expiresAt, revoked }) => [
    code,
    by,
    maxUses === 0 ? `${uses}` : `${uses} of ${maxUses}`,
    revoked ? 'revoked' : expiresAt === undefined ? 'for ever' : `until ${timeOf(expiresAt)}`,
  ]);
  return [
    ...lines,
    `\n${members.length} in it:`,
    table(memberHeads, who, colours),
    `\n${streams.length} streams:`,
    table(['stream', 'name', 'messages', 'state', 'topic'], rooms, colours),
    ...(ways.length === 0
      ? []
      : ['\ninvites so far:', table(['code', 'by', 'uses', 'valid'], ways, colours)]),
  ].join('\n');
};

/** What is to be said of a message beside what it says. */
const remarksOf = ({ editedAt, pinned, reactions = {} }: SaidRow): string =>
  [
    ...(editedAt === undefined ? [] : ['edited']),
    ...(pinned ? ['pinned'] : []),
    ...Object.entries(reactions).map(([emoji, { count }]) => `${emoji} ${count}`),
  ].join(' ');

const streamText = (report: StreamReport, colours: Colours): string => {
  const { n, at, stream, last, messages } = report;
  const rows = messages.map((message) => [
    `${message.m}`,
    timeOf(message.at),
    message.username ?? message.by,
    remarksOf(message),
    message.deleted ? '(deleted by then)' : (message.text ?? ''),
  ]);
  const state = stream.archived ? ', archived' : '';
  return [
    `stream “${shown(stream.name)}”${state}, ${stream.circle}/${stream.id} after its event ${n}, of ${timeOf(at)}`,
    last > messages.length
      ? `the newest ${messages.length} of ${last} messages:`
      : `${last} messages:`,
    '',
    table(['m', 'time', 'author', '', 'text'], rows, colours),
  ].join('\n');
};

/** Prints a circle or a stream as it was. */
export const print = async (room: Room, moment: Moment, options: AtOptions): Promise<void> => {
  // A reader such as `head` that has seen enough closes the pipe: that is no error.
  process.stdout.on('error', () => process.exit(0));
  const history = await openHistoryToRead(configOf(environment()));
  const colours = coloursOf(process.stdout);
  const say = <Report>(report: Report, text: (report: Report, colours: Colours) => string) =>
    process.stdout.write(`${options.json ? jsonLine(report) : text(report, colours)}\n`);
  try {
    const { circle, stream } = room;
    if (stream === undefined) say(await readCircle(history, circle, moment), circleText);
    else {
      const asked = { moment, limit: options.limit };
      say(await readStream(history, { circle, stream }, asked), streamText);
    }
  } finally {
    await history.close();
  }
};
