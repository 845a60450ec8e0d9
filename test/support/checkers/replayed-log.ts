import { runCommand } from '../fixtures/commands.ts';
import type { Environment } from '../fixtures/server-process.ts';

/** One line of `oshi replay`. */
export type LogLine = {
  readonly position: string;
  readonly of: string;
  readonly n: number;
  readonly k: string;
  readonly v: number;
  readonly at: number;
  readonly by: string;
  readonly d: Readonly<Record<string, unknown>>;
};

export const linesOf = (stdout: string): LogLine[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);

/** Runs `oshi replay` with these options and gives what it printed. */
export const replay = async (
  env: Environment,
  options: readonly string[] = [],
): Promise<LogLine[]> => {
  const { code, stdout, stderr } = await runCommand(['replay', ...options], env);
  if (code !== 0 || stderr !== '') throw new Error(`oshi replay: ${code} ${stderr}`);
  return linesOf(stdout);
};

/** The events of a stream, `<circle>/<stream>`, or of a circle, in order. */
export const eventsOf = (lines: readonly LogLine[], s: string): LogLine[] => {
  const [circle, stream] = s.split('/');
  const name = stream === undefined ? `circle.${circle}` : `stream.${circle}.${stream}`;
  return lines.filter(({ of }) => of === name);
};

/** What the log keeps for itself of each kind that has such fields. */
const kept: Readonly<Record<string, readonly string[]>> = {
  'message-edited': ['m', 'unmentioned'],
  'message-deleted': ['m', 'unmentioned'],
  'reaction-removed': ['last'],
};

/** An event as subscribers get it. */
export const asDelivered = ({ n, at, by, k, d }: LogLine) => {
  const told = Object.entries(d).filter(([name]) => !kept[k]?.includes(name));
  return { n, at, by, k, d: Object.fromEntries(told) };
};

type Told = Pick<LogLine, 'k'> & { readonly d: object & { readonly id?: string } };

/**
 * Events without the texts of messages that one of them deletes: who heard of it before had the text, who comes later
 * has `gone` (H4).
 */
export const withoutDeletedTexts = <One extends Told>(events: readonly One[]): One[] => {
  const deleted = new Set(events.filter(({ k }) => k === 'message-deleted').map(({ d }) => d.id));
  return events.map((event) => {
    if (!/^message-(posted|edited)$/.test(event.k) || !deleted.has(event.d.id)) return event;
    const { text: _, mentions: __, gone: ___, ...d } = event.d as Record<string, unknown>;
    return { ...event, d };
  });
};

/** The place of an event in its partition. */
export const placeOf = ({ position }: LogLine): number => Number(position.split(':')[1]);

/** What is wrong with the numbers of the aggregates: each has 1, 2, 3, … in the order of the log. */
export const gapsIn = (lines: readonly LogLine[]): string[] => {
  const last = new Map<string, number>();
  return lines.flatMap(({ of, n, position }) => {
    const before = last.get(of) ?? 0;
    last.set(of, n);
    return n === before + 1 ? [] : [`${of} goes from ${before} to ${n} at ${position}`];
  });
};
