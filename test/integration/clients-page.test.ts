import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { register } from '../support/fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../support/fixtures/server-socket.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

const page = readFileSync(resolve(import.meta.dirname, '../../docs/clients.md'), 'utf8');

type Line = { readonly from: '>' | '<'; readonly frame: string };

/** The frames that the page shows, in order. */
const conversation = [...page.matchAll(/^```frames\n([\s\S]*?)^```$/gm)].flatMap(([, text = '']) =>
  text
    .trimEnd()
    .split('\n')
    .map((line): Line => ({ from: line.startsWith('>') ? '>' : '<', frame: line.slice(2) })),
);

/** What comes at any time. */
const passing = new Set(['ping', 'sig', 'activity']);

const timeMin = 1_000_000_000_000;

/** What stands for what: names in the page for ids of the server's or the client's. */
class Names {
  readonly #known = new Map<string, string>();

  give(name: string, value: string): void {
    this.#known.set(name, value);
  }

  /** A frame to send: what has a name that stands for nothing yet is a fresh id. */
  filled(frame: string): object {
    return JSON.parse(
      frame.replaceAll(/<(\w+)>/g, (name) => {
        if (!this.#known.has(name)) this.give(name, uuid7());
        return this.#known.get(name) ?? name;
      }),
    ) as object;
  }

  /** Whether what came is what the page shows, and perhaps more; times are any times. */
  fits(shown: unknown, came: unknown): boolean {
    if (typeof shown === 'number' && shown > timeMin) return Number(came) > timeMin;
    if (typeof shown === 'string') return this.#fitsText(shown, String(came));
    if (typeof shown !== 'object' || shown === null) return shown === came;
    if (typeof came !== 'object' || came === null) return false;
    if (Array.isArray(shown) && shown.length !== (came as unknown[]).length) return false;
    return Object.entries(shown).every(([field, value]) =>
      this.fits(value, (came as Record<string, unknown>)[field]),
    );
  }

  #fitsText(shown: string, came: string): boolean {
    const name = /^<\w+>$/.exec(shown)?.[0];
    if (name !== undefined && !this.#known.has(name)) this.give(name, came);
    return shown.replaceAll(/<\w+>/g, (each) => this.#known.get(each) ?? each) === came;
  }
}

/** The frames of an answer, which come in either order where they are of a command and its event (W9). */
const sorted = (frames: readonly ServerFrame[]): ServerFrame[] =>
  frames.toSorted((a, b) => Number(b.t === 'ok') - Number(a.t === 'ok'));

it('docs/clients.md: the conversation is what goes over the wire [W5, W7, W8]', async ({ url }) => {
  const ada = await register(url, 'ada');
  const socket = await TestSocket.open(url);
  const names = new Names();
  names.give('<token>', ada.token);
  expect(conversation.filter(({ from }) => from === '>').length).toBeGreaterThan(5);
  const answers = () => socket.frames.filter(({ t }) => !passing.has(t));
  let heard = 0;
  for (let at = 0; at < conversation.length; ) {
    socket.send(names.filled(conversation[at]?.frame ?? ''));
    const end = conversation.findIndex(({ from }, index) => index > at && from === '>');
    const shown = conversation.slice(at + 1, end < 0 ? undefined : end);
    await socket.until(() => answers().length >= heard + shown.length);
    const came = sorted(answers().slice(heard, heard + shown.length));
    for (const [index, { frame }] of shown.entries()) {
      const fits = names.fits(JSON.parse(frame), came[index]);
      expect(fits, `${frame}\n${JSON.stringify(came[index])}`).toBe(true);
    }
    heard += shown.length;
    at += shown.length + 1;
  }
  await socket.settled();
  expect(answers()).toHaveLength(heard + 1);
  socket.close();
});
