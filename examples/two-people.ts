/**
 * Two users register, create a circle and talk; one loses the connection, reconnects, and has missed nothing.
 *
 *     npx tsx examples/two-people.ts http://127.0.0.1:8080
 */
import WebSocket from 'ws';
import { type Account, register } from '../src/client/account.ts';
import { type Client, connect } from '../src/client/client.ts';
import type { StreamEvent } from '../src/client/frames.ts';

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** A user with a client, and the messages they have received, in order. */
type Person = {
  readonly name: string;
  readonly account: Account;
  readonly client: Client;
  readonly read: string[];
  /** Resolves when they have received this many messages. */
  hasRead(count: number): Promise<void>;
  /** Drops the connection without a close frame. */
  cutOff(): void;
};

const meet = async (url: string, name: string): Promise<Person> => {
  const username = `${name}-${Math.random().toString(36).slice(2, 10)}`;
  const account = await register(url, { username, password: 'correct horse battery' });
  const sockets: WebSocket[] = [];
  const Pluggable = class extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      sockets.push(this);
    }
  };
  const client = connect({ url, token: account.token, WebSocket: Pluggable });
  const read: string[] = [];
  const hasRead = async (count: number): Promise<void> => {
    const deadline = Date.now() + 15_000;
    while (read.length < count) {
      if (Date.now() > deadline) throw new Error(`${name} has read only: ${read.join(' | ')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const cutOff = (): void => sockets.at(-1)?.terminate();
  return { name, account, client, read, hasRead, cutOff };
};

/** Subscribes to a stream and records the messages. */
const listen = ({ name, client, read }: Person, s: string): void => {
  client.subscribe(
    s,
    { last: 50 },
    {
      reset: ({ messages = [] }) => read.push(...messages.map(({ text = '' }) => text)),
      event: (event: StreamEvent) => {
        if (event.k !== 'message-posted' || event.d.gone) return;
        read.push(event.d.text);
        say(`  ${name} reads: ${event.d.text}`);
      },
    },
  );
};

const talk = async (url: string): Promise<void> => {
  const ada = await meet(url, 'ada');
  const ben = await meet(url, 'ben');
  try {
    const circle = ada.client.newId();
    await ada.client.command('create-circle', { id: circle, name: 'Tea', visibility: 'public' });
    await ben.client.command('join-circle', { circle });
    say('ada makes the circle "Tea", ben joins');
    const s = `${circle}/${circle}`;
    listen(ada, s);
    listen(ben, s);

    await ada.client.post(s, 'Is anybody here?');
    await ben.hasRead(1);
    await ben.client.post(s, 'I am.');
    await ada.hasRead(2);

    say('ben is cut off');
    ben.cutOff();
    await ada.client.post(s, 'The kettle is on.');
    await ada.client.post(s, 'Milk or lemon?');
    const answer = ben.client.post(s, 'Lemon, please.');
    await ben.hasRead(5);
    await answer;
    await ada.hasRead(5);
    say('ben is back and has missed nothing');

    if (ada.read.join('|') !== ben.read.join('|') || new Set(ben.read).size !== 5) {
      throw new Error(`they have read different things:\n  ${ada.read}\n  ${ben.read}`);
    }
    const { messages } = await ada.client.history(s, { limit: 10 });
    say(`the stream holds ${messages.length} messages, and both have read the same`);
  } finally {
    ada.client.close();
    ben.client.close();
  }
};

const [url] = process.argv.slice(2);
if (url === undefined) {
  say('usage: two-people.ts <the address of the server>');
  process.exitCode = 1;
} else {
  await talk(url).catch((error: unknown) => {
    say(`it went wrong: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  });
}
