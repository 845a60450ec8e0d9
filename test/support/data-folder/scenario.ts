import { uuid7 } from '../../../src/events/ids.ts';
import { type Chance, chance } from '../chance.ts';
import { call, type Person, password, personOf } from '../server-people.ts';
import { TestSocket } from '../server-socket.ts';

/** Forms that earlier versions accepted and later ones refuse: they are in logs, and must stay readable. */
export const oddForms = {
  emoji: ['👍', '👍\uFE0F', '❤️‍🔥', '❤\u200D🔥', 'a\uFE0F', '☕', '☕\uFE0F'],
  texts: ['\u200B', '\u2800', '\u202Ereversed\u202C', 'e\u0301 and é'],
  names: ['Eve \u202Enimda', '\u200B\u200B\u200B', 'Zoë\u0308'],
} as const;

const words = [
  'tea',
  'rain',
  'Zürich',
  'ночь',
  'こんにちは',
  'שלום',
  'naïve',
  '🫖',
  '`code`',
  '**bold**',
];
const emoji = ['👍', '❤️', '🎉', '👩‍👩‍👧'];
const peopleMax = 8;
const linesMax = 1500;

/** Who and what is in the scenario, for questions about it. */
export type Scenario = {
  readonly people: readonly { readonly username: string; readonly password: string }[];
  readonly circles: readonly string[];
  /** `<circle>/<stream>`, of all streams that can be read at the end. */
  readonly streams: readonly string[];
  /** The stream whose messages, reactions and names have odd forms. */
  readonly odd: string;
  /** A time in the middle of it, in ms since 1970. */
  readonly middle: number;
};

const done = async (person: Person, request: string, body?: unknown) => {
  const answer = await person.call(request, body);
  if (answer.status >= 300) throw new Error(`${request}: ${answer.status} ${answer.text}`);
  return answer.body;
};

const enter = async (url: string, path: string, body: object): Promise<Person> => {
  const answer = await call(url, `POST /v1/${path}`, { body });
  if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
  return personOf(url, answer.body);
};

const makeCircle = async (owner: Person, body: object): Promise<string> => {
  const id = uuid7();
  await done(owner, `PUT /v1/circles/${id}`, body);
  return id;
};

const makeStream = async (owner: Person, circle: string, name: string): Promise<string> => {
  const id = uuid7();
  await done(owner, `PUT /v1/circles/${circle}/streams/${id}`, { name, topic: `About ${name}` });
  return id;
};

const pathOf = (s: string): string => {
  const [circle, stream] = s.split('/');
  return `/v1/circles/${circle}/streams/${stream}/messages`;
};

const say = async (author: Person, s: string, body: object): Promise<string> => {
  const id = uuid7();
  await done(author, `PUT ${pathOf(s)}/${id}`, body);
  return id;
};

/** People come, change what they say of themselves, and one of them is gone from all but one session. */
const arrive = async (url: string): Promise<Person[]> => {
  const people: Person[] = [];
  for (let index = 0; index < peopleMax; index++) {
    const username = `person${index}`;
    people.push(await enter(url, 'users', { username, password, displayName: `Person ${index}` }));
  }
  const [ann, ben] = people as [Person, Person];
  await done(ann, 'PATCH /v1/me', { about: 'Drinks tea', avatar: 'https://example.org/ann.png' });
  await done(ben, 'PATCH /v1/me', { displayName: 'Ben' });
  const second = await enter(url, 'sessions', { username: ben.username, password });
  await done(second, 'DELETE /v1/sessions/current');
  await done(ben, 'PUT /v1/me/password', { password, newPassword: password });
  return people;
};

/** Circles of every kind, with invites, members who go, and streams that were changed, archived and deleted. */
const settle = async (people: readonly Person[]) => {
  const [ann, ben, cat, dan, eve] = people as [Person, Person, Person, Person, Person];
  const open = await makeCircle(ann, { name: 'Open house', visibility: 'public', about: 'All' });
  for (const person of people.slice(1))
    await done(person, `PUT /v1/circles/${open}/members/me`, {});
  const secret = await makeCircle(ben, { name: 'Back room', visibility: 'private' });
  const { invite } = await done(ben, `POST /v1/circles/${secret}/invites`, { maxUses: 5 });
  await done(cat, `PUT /v1/circles/${secret}/members/me`, { invite: invite?.code });
  await done(dan, `PUT /v1/circles/${secret}/members/me`, { invite: invite?.code });
  await done(ben, `DELETE /v1/circles/${secret}/invites/${invite?.code}`);
  await done(dan, `DELETE /v1/circles/${secret}/members/me`);
  await done(ann, `DELETE /v1/circles/${open}/members/${eve.id}`);
  await done(cat, `PATCH /v1/circles/${open}/members/me/data`, { nickname: 'Kat', data: { a: 1 } });
  await done(ann, `PATCH /v1/circles/${open}`, { name: 'Open house, renamed' });
  const gone = await makeCircle(cat, { name: 'Gone tomorrow', visibility: 'public' });
  await done(cat, `DELETE /v1/circles/${gone}`);
  const direct = (await done(ann, `PUT /v1/directs/${ben.id}`)).circle?.id ?? '';
  const place = `/v1/circles/${open}/streams`;
  const [garden, shelf, attic] = [
    await makeStream(ann, open, 'garden'),
    await makeStream(ann, open, 'shelf'),
    await makeStream(ann, open, 'attic'),
  ];
  await done(ann, `PATCH ${place}/${garden}`, { name: 'the garden', topic: 'Flowers' });
  await done(ann, `PATCH ${place}/${shelf}`, { archived: true });
  await done(ann, `PATCH ${place}/${shelf}`, { archived: false });
  await done(ann, `DELETE ${place}/${attic}`);
  const odd = await makeStream(ann, open, 'odd');
  return {
    circles: [open, secret, direct],
    streams: [`${open}/${open}`, `${open}/${garden}`, `${secret}/${secret}`, `${direct}/${direct}`],
    odd: `${open}/${odd}`,
  };
};

/** Who may write where, by the index of the stream. */
const writersOf = ([ann, ben, cat, ...others]: readonly Person[], index: number): Person[] =>
  [
    [ann, ben, cat, ...others.slice(2, 4)],
    [ann, cat],
    [ben, cat],
    [ann, ben],
  ][index] as Person[];

/** Something that was said, and is there. */
type Line = { readonly id: string; readonly by: Person };

/** A stream in which somebody does something with what was said before. */
type Scene = {
  readonly s: string;
  readonly lines: Line[];
  readonly by: Person;
  readonly old: Line;
  readonly text: string;
  readonly sign: string;
};

const atOf = ({ s, old }: Scene): string => `${pathOf(s)}/${old.id}`;

/** What people do with what was said, and how often of a hundred times. */
const deeds: readonly (readonly [number, (scene: Scene) => Promise<unknown>])[] = [
  [40, async ({ s, lines, by, text }) => lines.push({ id: await say(by, s, { text }), by })],
  [
    20,
    async ({ s, lines, by, text, old }) =>
      lines.push({ id: await say(by, s, { text, replyTo: old.id }), by }),
  ],
  [15, (scene) => done(scene.by, `PUT ${atOf(scene)}/reactions/${scene.sign}`)],
  [5, (scene) => done(scene.by, `DELETE ${atOf(scene)}/reactions/${scene.sign}`)],
  [8, (scene) => done(scene.old.by, `PATCH ${atOf(scene)}`, { text: `Changed: ${scene.text}` })],
  [
    2,
    async (scene) => {
      await done(scene.old.by, `DELETE ${atOf(scene)}`);
      scene.lines.splice(scene.lines.indexOf(scene.old), 1);
    },
  ],
  [
    10,
    ({ s, by, lines }) =>
      done(by, `PUT ${pathOf(s).replace(/messages$/, 'read')}`, { m: lines.length >> 1 }),
  ],
];

const drawn = deeds.flatMap(([share, deed]) => Array.from({ length: share }, () => deed));

/** Talks in the streams: posts, answers, mentions, reactions, edits, deletions, and reads on. */
const talk = async (
  people: readonly Person[],
  streams: readonly string[],
  dice: Chance,
): Promise<void> => {
  const said = streams.map((): Line[] => []);
  for (const [index, s] of streams.entries()) {
    const [by] = writersOf(people, index) as [Person];
    said[index]?.push({ id: await say(by, s, { text: 'Here we are' }), by });
  }
  for (let line = 0; line < linesMax; line++) {
    const index = Math.floor(dice.next() ** 2 * streams.length);
    const { [index]: s = '' } = streams;
    const { [index]: lines = [] } = said;
    const name = dice.under(6) === 0 ? ` @${dice.pick(people).username}` : '';
    const text = `${line}: ${dice.pick(words)} ${dice.pick(words)}${name}`;
    const sign = encodeURIComponent(dice.pick(emoji));
    const by = dice.pick(writersOf(people, index));
    await dice.pick(drawn)({ s, lines, by, old: dice.pick(lines), text, sign });
  }
};

/** Pins what was said first in each stream, and takes one of the pins away. */
const pinFirst = async (people: readonly Person[], streams: readonly string[]): Promise<void> => {
  const owners = [0, 0, 1, 0];
  for (const [index, s] of streams.entries()) {
    const owner = people[owners[index] ?? 0] as Person;
    const id = await say(owner, s, { text: 'Read this first' });
    await done(owner, `PUT ${pathOf(s)}/${id}/pin`);
    if (index === 0) await done(owner, `DELETE ${pathOf(s)}/${id}/pin`);
  }
};

/** What earlier versions accepted. */
const writeOdd = async ([ann, ben, cat]: readonly Person[], s: string): Promise<void> => {
  const [first, second] = [ann, ben] as [Person, Person];
  for (const text of oddForms.texts) await say(first, s, { text });
  const id = await say(first, s, { text: 'Reacted to in every way' });
  for (const sign of oddForms.emoji) {
    for (const person of [first, second]) {
      await done(person, `PUT ${pathOf(s)}/${id}/reactions/${encodeURIComponent(sign)}`);
    }
  }
  const [backwards, invisible, doubled] = oddForms.names;
  const circle = s.split('/', 1).join();
  await done(cat as Person, 'PATCH /v1/me', { displayName: backwards });
  await done(second, `PATCH /v1/circles/${circle}/members/me/data`, { nickname: invisible });
  await done(first, `PUT /v1/circles/${circle}/streams/${uuid7()}`, { name: doubled });
};

/** Connections that were opened, renewed and closed, and one that is there until the server is killed. */
const connect = async (url: string, [ann, ben]: readonly Person[]): Promise<void> => {
  const [first, second] = [ann, ben] as [Person, Person];
  const socket = await TestSocket.greet(url, first);
  await socket.ask({ t: 'hello', v: 1, token: first.token });
  socket.close();
  await socket.closed;
  await TestSocket.greet(url, second);
};

/** Has people do everything that can be done on a server, which is then killed by the caller. */
export const playScenario = async (url: string): Promise<Scenario> => {
  const people = await arrive(url);
  const { circles, streams, odd } = await settle(people);
  const dice = chance(7);
  await talk(people, streams, dice);
  const middle = Date.now();
  await pinFirst(people, streams);
  await talk(people, streams, dice);
  await writeOdd(people, odd);
  await connect(url, people);
  return {
    people: people.map(({ username }) => ({ username, password })),
    ...{ circles, streams, odd, middle },
  };
};
