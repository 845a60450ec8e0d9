import { uuid7 } from '../../../src/events/ids.ts';
import type { SecretCircle } from '../fixtures/secret-circle.ts';
import { type AnswerBody, call, type Person } from '../fixtures/server-people.ts';
import { type ServerFrame, TestSocket } from '../fixtures/server-socket.ts';
import type { Chance } from '../generators/chance.ts';
import type { Deed } from '../generators/secret-deeds.ts';
import type { Secrets } from './secrets.ts';

/** What a command was answered, over whatever it went. */
export type Outcome = {
  readonly ok: boolean;
  readonly code: string;
  readonly body: AnswerBody;
};

type SnoopOptions = {
  readonly url: string;
  readonly person: Person;
  readonly secrets: Secrets;
};

/** A socket of somebody's whose every byte is listened to, from the first one on. */
const listeningSocket = async ({ url, person, secrets }: SnoopOptions): Promise<TestSocket> => {
  const socket = await TestSocket.open(url);
  socket.socket.on('message', (data: Buffer) => secrets.hear(person.id, 'frame', `${data}`));
  await socket.ask({ t: 'hello', v: 1, token: person.token });
  return socket;
};

/** Somebody who tries to read everything there is, on every path, whether they may or not. */
export class Snoop {
  readonly person: Person;
  readonly epoch: string;
  /** Follows whatever it can. */
  readonly ear: TestSocket;
  /** Follows `me` alone, so it is told of activity. */
  readonly mouth: TestSocket;
  readonly #options: SnoopOptions;

  private constructor(options: SnoopOptions, sockets: readonly [TestSocket, TestSocket]) {
    this.#options = options;
    this.person = options.person;
    [this.ear, this.mouth] = sockets;
    this.epoch = this.ear.frames[0]?.d?.epoch ?? '';
  }

  static async begin(options: SnoopOptions): Promise<Snoop> {
    const sockets = [await listeningSocket(options), await listeningSocket(options)] as const;
    await sockets[1].subscribe('me');
    const { token, session } = options.person;
    options.secrets.keep(token, options.person.id);
    options.secrets.keep(session, options.person.id);
    return new Snoop(options, sockets);
  }

  get frames(): readonly ServerFrame[] {
    return [...this.ear.frames, ...this.mouth.frames];
  }

  /** A request; all of the answer is heard. */
  readonly call = async (
    request: string,
    body?: object,
    key?: string,
  ): Promise<Outcome & { readonly status: number }> => {
    const { url, person, secrets } = this.#options;
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const answer = await call(url, request, { token: person.token, body, headers });
    const told = `${JSON.stringify([...answer.headers])} ${answer.text}`;
    secrets.hear(person.id, request, told);
    const { status, body: given } = answer;
    return { ok: status < 300, status, code: given.code ?? '', body: given };
  };

  async do(deed: Deed, { overHttp, key }: { overHttp: boolean; key?: string }): Promise<Outcome> {
    if (overHttp) return this.call(deed.request, deed.body, key);
    const frame = { t: 'cmd', op: deed.op, d: deed.d, ...(key !== undefined && { key }) };
    const answer = await this.mouth.ask(frame);
    return { ok: answer.t === 'ok', code: String(answer.code ?? ''), body: answer.d ?? {} };
  }

  /** Tries to read something of a circle, or of where one might stand; what is heard is heard. */
  async pry(chance: Chance, circle: SecretCircle): Promise<void> {
    const talk = chance.pick(circle.talks);
    const s = `${circle.id}/${talk.id}`;
    const message = talk.messages[chance.under(talk.messages.length)]?.id ?? uuid7();
    const requests = requestsFor(circle, { stream: talk.id, message, person: this.person.id });
    const m = chance.under(talk.messages.length + 1);
    const frames = [
      ...[circle.id, s, s].map((each) => ({ t: 'sub', s: each, last: 200 })),
      ...[circle.id, s, 'me'].map((each) => ({ t: 'sub', s: each, after: 0, epoch: this.epoch })),
      ...[
        { t: 'get', s, around: m },
        { t: 'get', s },
        { t: 'unsub', s },
      ],
    ];
    if (chance.under(8) === 0) this.mouth.send({ t: 'sig', s, k: 'typing' });
    if (chance.under(2) === 0) await this.ear.ask(chance.pick(frames));
    else await this.call(`GET ${chance.pick(requests)}`);
  }

  close(): void {
    this.ear.close();
    this.mouth.close();
  }
}

type Aim = { readonly stream: string; readonly message: string; readonly person: string };

/** All that can be asked about a circle, and all that might tell of it besides. */
const requestsFor = (circle: SecretCircle, { stream, message, person }: Aim): string[] => {
  const path = `/v1/circles/${circle.id}`;
  const messages = `${path}/streams/${stream}/messages`;
  return [
    ...[path, `${path}/members`, `${path}/members/me/data`, `${path}/presence`],
    ...[`${path}/invites`, `${path}/streams`, `${path}/streams/${stream}/pins`],
    ...[messages, `${messages}?after=0&limit=200`],
    ...[`${messages}/${message}`, `${messages}/${message}/edits`],
    ...['/v1/circles', '/v1/directs', '/v1/unread', '/v1/me', '/v1/sessions', '/metrics'],
    ...['/v1/circles?directory=public', `/v1/circles?directory=public&q=${circle.name}`],
    `/v1/users?ids=${[...circle.ever].join(',')}`,
    ...circle.invitesOf(person).map(({ code }) => `/v1/invites/${code}`),
  ];
};
