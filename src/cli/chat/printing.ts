import type { Http } from '../../client/http.ts';
import type { Message, Participant } from '../../client/objects.ts';
import { jsonLine } from '../../text/json-line.ts';
import { coloursOf } from '../terminal/colours.ts';
import { columns } from '../terminal/columns.ts';
import { writeText } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';

/** The output format: for people, or NDJSON. */
export type Format = { readonly json?: boolean };

export const print = (line: string): Promise<void> => writeText(`${line}\n`);

/** Prints the result of a command: a sentence for people, or an object. */
export const report = ({ json }: Format, sentence: string, value: object): Promise<void> =>
  print(json ? jsonLine(value) : shown(sentence));

export type Table<Row> = {
  readonly columns: Readonly<Record<string, (row: Row) => string | number>>;
  readonly rows: readonly Row[];
  /** Printed on standard error if there are no rows. */
  readonly none: string;
};

/** Prints rows as a table, or each as a line of JSON. */
export const printTable = async <Row>(
  { json }: Format,
  { columns: shape, rows, none }: Table<Row>,
): Promise<void> => {
  if (json) {
    for (const row of rows) await print(jsonLine(row));
  } else if (rows.length === 0) {
    process.stderr.write(`${shown(none)}\n`);
  } else {
    const { faint } = coloursOf(process.stdout);
    const isNumber = (cell: (row: Row) => string | number): boolean =>
      rows.every((row) => typeof cell(row) === 'number');
    const heads = Object.entries(shape).map(([head, cell]) => ({
      text: faint(head),
      isNumber: isNumber(cell),
    }));
    const cells = rows.map((row) => Object.values(shape).map((cell) => shown(`${cell(row)}`)));
    await print(columns({ heads, rows: cells }));
  }
};

const numberWidth = 5;
const indent = ' '.repeat(numberWidth + 2);

/** A local date and time. */
const timeOf = (atMs: number): string => {
  const at = new Date(atMs);
  const two = (value: number): string => `${value}`.padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
};

/** A message for people. Further lines are indented, so that none can be mistaken for another message. */
const linesOf = ({ m, at, text, editedAt }: Message, author: string): string => {
  const { faint, strong } = coloursOf(process.stdout);
  const lines = (text ?? '').split('\n').map(shown).join(`\n${indent}`);
  const head = `${faint(`${`${m}`.padStart(numberWidth)}  ${timeOf(at)}`)}  ${strong(shown(author))}`;
  if (text === undefined) return `${head} ${faint('(deleted)')}`;
  return `${head}: ${lines}${editedAt === undefined ? '' : faint(' (edited)')}`;
};

/** Prints messages with the usernames of their authors, which it looks up if necessary. */
export const messagePrinter = (http: Http, { json }: Format) => {
  const usernames = new Map<string, string>();
  const learn = (users: Iterable<Participant>): void => {
    for (const { id, username } of users) usernames.set(id, username);
  };
  return async (messages: readonly Message[], users: Iterable<Participant>): Promise<void> => {
    learn(users);
    const strangers = [...new Set(messages.map(({ by }) => by))].filter((by) => !usernames.has(by));
    if (strangers.length > 0) learn(await http.users(strangers));
    for (const message of messages) {
      const username = usernames.get(message.by) ?? message.by;
      await print(json ? jsonLine({ ...message, username }) : linesOf(message, username));
    }
  };
};
