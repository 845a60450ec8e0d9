import * as Type from 'typebox';
import type { Executor, OperationName } from '../../app/operations/executor.ts';
import { MessagePage } from '../../app/views/objects.ts';
import { signalForms } from '../../hub/live/signal.ts';
import { clientFrames } from '../socket/frames.ts';
import { okWith, serverFrames, Welcome } from '../socket/server-frames.ts';
import { EventsFrame } from './events.ts';
import { descriptions } from './operations.ts';

/** A message of one direction: a frame, or a frame with one kind of content. */
export type Message = {
  readonly name: string;
  readonly summary: string;
  readonly form: Type.TSchema;
};

/** A request and its answers. */
export type RequestDescription = { readonly request: Message; readonly answers: readonly string[] };

const formOf = (t: string): Type.TSchema => {
  const form = clientFrames.get(t)?.schema;
  if (!form) throw new Error(`unknown frame "${t}"`);
  return form;
};

const refused = 'err';
const done = 'ok';

const requestOf = (t: string, summary: string, answers: readonly string[]): RequestDescription => ({
  request: { name: t, summary, form: formOf(t) },
  answers,
});

const subscribes =
  'Subscribes to `me`, a circle or a stream: first load, resume, repair and health check in one.';

/** The request frames except commands. */
const requests: readonly RequestDescription[] = [
  requestOf('hello', 'Authenticates; the first frame.', ['ok.hello', done, 'bye']),
  requestOf('sub', subscribes, [done, refused]),
  requestOf('unsub', 'Unsubscribes.', [done, refused]),
  requestOf('get', 'Reads a page of a stream’s history.', ['ok.get', refused]),
];

/** The frames without an answer. */
const notices: readonly Message[] = [
  {
    name: 'sig',
    summary: 'A signal, which may be lost: typing in a stream, or your presence.',
    form: Type.Union([...signalForms]),
  },
  { name: 'pong', summary: 'Echoes the number of a `ping`.', form: formOf('pong') },
];

const commandForm = (op: OperationName, executor: Executor): Type.TSchema =>
  Type.Object(
    {
      t: Type.Literal('cmd'),
      id: Type.String({ minLength: 1, maxLength: 64 }),
      op: Type.Literal(op),
      d: executor.schemaOf(op),
      ...(executor.isKeyed(op) && {
        key: Type.Optional(
          Type.String({ description: 'A version 7 UUID by which a repeat is recognised.' }),
        ),
      }),
    },
    { additionalProperties: false },
  );

const commandsOf = (executor: Executor): RequestDescription[] =>
  executor.names.map((op) => {
    const { summary, answer } = descriptions[op];
    return {
      request: { name: op, summary, form: commandForm(op, executor) },
      answers: [answer ? `ok.${op}` : done, refused],
    };
  });

const answersOf = (executor: Executor): Message[] => [
  { name: done, summary: 'Done; the answer has no data.', form: okWith() },
  { name: 'ok.hello', summary: 'Welcome.', form: okWith(Welcome) },
  { name: 'ok.get', summary: 'A page of history.', form: okWith(MessagePage) },
  ...executor.names.flatMap((op) => {
    const { answer } = descriptions[op];
    return answer
      ? [{ name: `ok.${op}`, summary: `Answers \`${op}\`.`, form: okWith(answer) }]
      : [];
  }),
];

/** The frames that the server sends unsolicited, and `err`, which may answer every request. */
const sent: readonly Message[] = [
  { name: 'events', summary: 'Events, one or more, in order and without gaps.', form: EventsFrame },
  ...Object.entries(serverFrames).map(([name, described]) => ({ name, ...described })),
];

/** All messages of the socket by direction, and the answers of each request. */
export const messagesOf = (executor: Executor) => ({
  requests,
  commands: commandsOf(executor),
  notices,
  answers: answersOf(executor),
  sent,
});
