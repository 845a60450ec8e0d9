import type * as Type from 'typebox';
import type { Executor } from '../../app/operations/executor.ts';
import { errors } from '../../app/refusals.ts';
import * as objects from '../../app/views/objects.ts';
import { closes } from '../socket/close-codes.ts';
import { Welcome } from '../socket/server-frames.ts';
import { eventForm, kindsIn } from './events.ts';
import { formText } from './form-text.ts';
import { messagesOf } from './messages.ts';

/** A named item with a summary and its forms. */
type Entry = {
  readonly name: string;
  readonly summary?: string;
  readonly forms?: readonly string[];
};
type Chapter = { readonly id: string; readonly title: string; readonly entries: readonly Entry[] };

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => escapes[character] ?? '');

/** Text with code between backticks. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const entryHtml = (chapter: string, { name, summary, forms = [] }: Entry): string => `
<section id="${chapter}-${escaped(name)}">
<h3><a href="#${chapter}-${escaped(name)}">${escaped(name)}</a></h3>
${summary === undefined ? '' : `<p>${prose(summary)}</p>`}
${forms.map((form) => `<pre><code>${escaped(form)}</code></pre>`).join('\n')}
</section>`;

const chapterHtml = ({ id, title, entries }: Chapter): string => `
<h2 id="${id}">${escaped(title)}</h2>
${entries.map((entry) => entryHtml(id, entry)).join('')}`;

/** The alternatives of a frame. */
const formsOf = (form: Type.TSchema): string[] => {
  const { anyOf } = form as { anyOf?: readonly Type.TSchema[] };
  return (anyOf ?? [form]).map((each) => formText(each));
};

/** The data of a command and of its answer, without the common fields. */
const commandForms = (form: Type.TSchema, answer: Type.TSchema | undefined): string[] => {
  const d = (schema: Type.TSchema) =>
    (schema as unknown as { properties: { d: object } }).properties.d;
  return [`d: ${formText(d(form))}`, ...(answer ? [`answer: ${formText(d(answer))}`] : [])];
};

const chaptersOf = (executor: Executor): Chapter[] => {
  const { requests, commands, notices, answers, sent } = messagesOf(executor);
  const answerTo = (op: string) => answers.find(({ name }) => name === `ok.${op}`)?.form;
  const framed = [...requests.map(({ request }) => request), ...notices];
  const { Problem, ...rest } = objects;
  // The module also has schemas without a name, and functions that make some.
  const named = [Welcome, ...Object.values(rest)].flatMap((schema) => {
    const { title } = schema as { readonly title?: string };
    return title === undefined ? [] : { name: title, forms: [formText(schema as object, true)] };
  });
  return [
    {
      id: 'client',
      title: 'Frames from the client',
      entries: [
        ...framed.map(({ form, ...frame }) => ({ ...frame, forms: formsOf(form) })),
        {
          name: 'cmd',
          summary: 'A command; its `op` and `d` are listed below. With `key` it can be repeated.',
          forms: ['{ t: "cmd", id: string, op: string, d: {…}, key?: string }'],
        },
      ],
    },
    {
      id: 'server',
      title: 'Frames from the server',
      entries: [
        {
          name: 'ok',
          summary: 'Answers a request: `hello` with a `Welcome`, `get` with a `MessagePage`.',
          forms: ['{ t: "ok", id: string, d?: {…} }'],
        },
        ...sent.map(({ form, name, summary }) => ({
          name,
          summary,
          forms: name === 'events' ? ['{ t: "events", s: string, e: [event] }'] : formsOf(form),
        })),
      ],
    },
    {
      id: 'command',
      title: 'Commands',
      entries: commands.map(({ request: { name, summary, form } }) => ({
        name,
        summary,
        forms: commandForms(form, answerTo(name)),
      })),
    },
    ...Object.entries(kindsIn).map(([of, kinds]) => ({
      id: `event-${of}`,
      title: of === 'me' ? 'Events of `me`'.replaceAll('`', '') : `Events of a ${of}`,
      entries: kinds.map((kind) => ({ name: kind, forms: [formText(eventForm(kind), true)] })),
    })),
    {
      id: 'object',
      title: 'Objects',
      entries: named,
    },
    {
      id: 'error',
      title: 'Error codes',
      entries: Object.entries(errors).map(([name, { message }]) => ({ name, summary: message })),
    },
    {
      id: 'close',
      title: 'Close codes',
      entries: Object.values(closes).map(({ code, reason }) => ({
        name: `${code}`,
        summary: reason,
      })),
    },
  ];
};

/** The description of the socket as a page for people: the same as `/asyncapi.json`, without a script. */
export const socketPage = (executor: Executor): string => {
  const chapters = chaptersOf(executor);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Oshi over a WebSocket</title>
<link rel="icon" href="/docs/static/favicon-32x32.png">
<link rel="stylesheet" href="/docs/socket.css">
</head>
<body>
<header>
<h1>Oshi over a WebSocket</h1>
<p>Connect to <code>/v1/connect</code> with the subprotocol <code>oshi.v1</code>. Each text message is one JSON object with a <code>t</code>. The first one is <code>hello</code>. A field with <code>?</code> may be absent; names with a capital are <a href="#object">objects</a>.</p>
<p>For programs: <a href="/asyncapi.json">asyncapi.json</a>. The other half: <a href="/docs">Oshi over HTTP</a>.</p>
</header>
<nav aria-label="Chapters"><ul>${chapters.map(({ id, title }) => `<li><a href="#${id}">${escaped(title)}</a></li>`).join('')}</ul></nav>
<main>${chapters.map(chapterHtml).join('')}</main>
</body>
</html>
`;
};
