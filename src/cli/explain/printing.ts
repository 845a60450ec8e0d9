import { type Explanation, explain, type Step } from '../../history/explanation.ts';
import { jsonLine } from '../../text/json-line.ts';
import { type Colours, coloursOf } from '../terminal/colours.ts';
import { columns } from '../terminal/columns.ts';
import { openOutput } from '../terminal/output.ts';
import { shown } from '../terminal/shown.ts';
import { cut } from '../terminal/width.ts';
import { findMessage, type MessageName } from './reading.ts';

/** By the log, the author did not have permission. */
const noRightExitCode = 3;

/** The maximum width of a text in a line. */
const textMax = 60;

type Names = ReadonlyMap<string, string>;

const rowOf = ({ at, what, by, of, n, position }: Step, names: Names): string[] => [
  new Date(at).toISOString(),
  cut(shown(what), textMax),
  shown(names.get(by) ?? by),
  position,
  `${of.slice(0, of.indexOf('.'))} ${n}`,
];

const table = (steps: readonly Step[], names: Names, { faint }: Colours): string => {
  const heads = ['time', 'what', 'by', 'position', 'event'].map((text) => ({ text: faint(text) }));
  return columns({ heads, rows: steps.map((each) => rowOf(each, names)) });
};

const reportOf = (explanation: Explanation, names: Names, colours: Colours): string => {
  const { message, right, because, steps, since } = explanation;
  const { circle, stream, id, text } = message;
  const sentence = shown(because);
  return [
    `message ${circle}/${stream}/${id}: “${cut(shown(text), textMax)}”`,
    '',
    right ? colours.good(sentence) : colours.bad(sentence),
    '',
    table(steps, names, colours),
    ...(since.length > 0 ? ['', 'since then:', table(since, names, colours)] : []),
  ].join('\n');
};

/** Finds a message, and prints why it could be posted. */
export const print = async (
  name: MessageName,
  { json }: { readonly json?: boolean },
): Promise<void> => {
  openOutput();
  const { facts, usernames, close } = await findMessage(name);
  try {
    const explanation = explain(facts);
    const { steps, since, right } = explanation;
    const names = await usernames([...steps, ...since].map(({ by }) => by));
    const people = Object.fromEntries(names);
    const text = json
      ? jsonLine({ ...explanation, usernames: people })
      : reportOf(explanation, names, coloursOf(process.stdout));
    process.stdout.write(`${text}\n`);
    if (!right) process.exitCode = noRightExitCode;
  } finally {
    await close();
  }
};
