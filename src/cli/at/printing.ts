import type { Moment } from '../../history/moment.ts';
import { jsonLine } from '../../text/json-line.ts';
import { openHistoryToRead } from '../history-to-read.ts';
import { type Colours, coloursOf } from '../terminal/colours.ts';
import { columns, gap } from '../terminal/columns.ts';
import { openOutput } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';
import { cut, widthOf } from '../terminal/width.ts';
import {
  type CircleReport,
  type MemberRow,
  type PastMessageRow,
  readCircle,
  readStream,
  type StreamReport,
} from './reading.ts';

export type Room = { readonly circle: string; readonly stream?: string };

export type AtOptions = { readonly limit: number; readonly json?: boolean };

/** The minimum width of a text that is cut; without a terminal nothing is cut. */
const textMin = 20;

const timeOf = (atMs: number): string => new Date(atMs).toISOString();

/** A table whose last column gets the remaining width of the terminal. */
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
  if (deleted) return [...lines, 'It was deleted.'].join('\n');
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
    revoked ? 'revoked' : expiresAt === undefined ? 'unlimited' : `until ${timeOf(expiresAt)}`,
  ]);
  return [
    ...lines,
    `\n${members.length} members:`,
    table(memberHeads, who, colours),
    `\n${streams.length} streams:`,
    table(['stream', 'name', 'messages', 'state', 'topic'], rooms, colours),
    ...(ways.length === 0
      ? []
      : ['\ninvites:', table(['code', 'by', 'uses', 'valid'], ways, colours)]),
  ].join('\n');
};

/** The state of a message besides its text. */
const remarksOf = ({ editedAt, pinned, reactions = {} }: PastMessageRow): string =>
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
    message.deleted ? '(deleted)' : (message.text ?? ''),
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

export const print = async (room: Room, moment: Moment, options: AtOptions): Promise<void> => {
  openOutput();
  const history = await openHistoryToRead();
  const colours = coloursOf(process.stdout);
  const write = <Report>(report: Report, text: (report: Report, colours: Colours) => string) =>
    process.stdout.write(`${options.json ? jsonLine(report) : text(report, colours)}\n`);
  try {
    const { circle, stream } = room;
    if (stream === undefined) write(await readCircle(history, circle, moment), circleText);
    else {
      const page = { moment, limit: options.limit };
      write(await readStream(history, { circle, stream }, page), streamText);
    }
  } finally {
    await history.close();
  }
};
