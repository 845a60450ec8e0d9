import { expect } from 'vitest';
import { directCircle, type UserId, uuid7 } from '../../src/events/ids.ts';
import { Secrets } from '../support/checkers/secrets.ts';
import { type Outcome, Snoop } from '../support/checkers/snoop.ts';
import { until } from '../support/checkers/waiting.ts';
import {
  isFitting,
  SecretCircle,
  type SecretCircleOptions,
} from '../support/fixtures/secret-circle.ts';
import { type Person, registerAll } from '../support/fixtures/server-people.ts';
import type { ServerFrame } from '../support/fixtures/server-socket.ts';
import { testOnOwnStages } from '../support/fixtures/server-stage.ts';
import { type Chance, chance } from '../support/generators/chance.ts';
import {
  attempt,
  creation,
  type Deed,
  deletion,
  speech,
} from '../support/generators/secret-deeds.ts';

const seed = 20_261_129;
/** How often somebody does something in each circle. */
const steps = { embedded: 100, cluster: 70 } as const;

const it = testOnOwnStages();

/** A circle in which people do things one after the other, and everybody who is there. */
type Scene = {
  readonly circle: SecretCircle;
  readonly snoops: readonly Snoop[];
  readonly dice: Chance;
  readonly secrets: Secrets;
  readonly faults: string[];
  /** How often each command succeeded, and how often it was refused. */
  readonly tally: Map<string, number>;
};

const count = (tally: Map<string, number>, what: string): void => {
  tally.set(what, (tally.get(what) ?? 0) + 1);
};

/** What somebody is told who is refused where they may not know that there is anything. */
const discreet = new Set(['not-found', 'invite-invalid']);

type Done = { readonly deed: Deed; readonly outcome: Outcome };

/** Compares an answer with what the model says of the command. */
const judge = ({ circle, faults }: Scene, { person }: Snoop, { deed, outcome }: Done): void => {
  const told = `${deed.op} of ${person.username}: ${outcome.code} ${JSON.stringify(deed.d)}`;
  if (deed.may !== undefined && deed.may !== outcome.ok) {
    faults.push(`${deed.may ? 'refused' : 'allowed'}: ${told}`);
  }
  const isHidden = circle.isHiddenFrom(person.id);
  if (!outcome.ok && isHidden && !discreet.has(outcome.code)) faults.push(`telling: ${told}`);
};

/** An outsider sends a command of another's again, with its key, and gets nothing by it. */
const replay = async (scene: Scene, deed: Deed, way: { overHttp: boolean; key: string }) => {
  const { circle, snoops } = scene;
  const other = snoops.find(({ person }) => circle.isHiddenFrom(person.id));
  if (!other || deed.op === 'join-circle' || deed.op === 'create-circle') return;
  const outcome = await other.do(deed, way);
  judge(scene, other, { deed: { ...deed, may: false }, outcome });
};

const carryOut = async (scene: Scene, actor: Snoop, deed: Deed): Promise<void> => {
  const { dice, tally } = scene;
  const key = dice.under(3) === 0 ? uuid7() : undefined;
  const overHttp = dice.under(2) === 0;
  if (deed.may === true) deed.before?.();
  const outcome = await actor.do(deed, { overHttp, ...(key !== undefined && { key }) });
  judge(scene, actor, { deed, outcome });
  count(tally, `${deed.op} ${outcome.ok ? 'done' : 'refused'}`);
  if (!outcome.ok) return;
  deed.after?.(outcome.body);
  if (key !== undefined) await replay(scene, deed, { overHttp, key });
};

const play = async (scene: Scene, times: number): Promise<void> => {
  const { circle, snoops, dice } = scene;
  for (let time = 0; time < times; time++) {
    // Who is inside does most, so that there is something to hear.
    const inside = snoops.filter(({ person }) => circle.members.has(person.id));
    const owners = inside.filter(({ person }) => person.id === circle.owner);
    const actor = dice.pick(
      [snoops, inside, inside, [...owners, ...inside].slice(0, 1)][dice.under(4)] ?? [],
    );
    const deed = attempt(circle, actor.person);
    // What is said while somebody goes is told to them or not, and what is said after it is not.
    const isParting = deed.op === 'leave-circle' || deed.op === 'remove-member';
    const staying = inside.find(
      ({ person }) => person !== actor.person && person.id !== deed.d.user,
    );
    await Promise.all([
      ...(isParting && staying ? [carryOut(scene, staying, speech(circle, staying.person))] : []),
      carryOut(scene, actor, deed),
      dice.pick(snoops).pry(dice, circle),
    ]);
    await dice.pick(snoops).pry(dice, circle);
  }
};

type Signal = ServerFrame & {
  readonly k?: string;
  readonly by?: string;
  readonly d?: { s?: string; m?: number } & Partial<
    Record<'online' | 'idle' | 'offline', string[]>
  >;
};

/** What passes carries no text: whoever is told of it must have been inside, and so must whom it names. */
const checkPassing = (circles: readonly SecretCircle[], { person, frames }: Snoop): string[] => {
  const faults: string[] = [];
  const byId = new Map(circles.map((circle) => [circle.id, circle]));
  for (const frame of frames as readonly Signal[]) {
    const { t, k, s = '', m = 0, d = {} } = frame;
    const circle = byId.get(s.slice(0, 36));
    const fault = () => faults.push(`${person.username} was told ${JSON.stringify(frame)}`);
    if (t === 'activity' && !circle?.audiences.get(`${s} ${m}`)?.has(person.id)) fault();
    if (t !== 'sig') continue;
    const named = [frame.by, d.online, d.idle, d.offline].flat().filter((id) => id !== undefined);
    if (k === 'read') {
      const of = byId.get(d.s?.slice(0, 36) ?? '');
      if (!of?.reads.has(`${person.id} ${d.s} ${d.m}`)) fault();
    } else if (![person.id, ...named].every((id) => circle?.ever.has(id))) fault();
  }
  return faults;
};

/** What is the same for everybody who may see it. */
const alike = (body: object): unknown =>
  JSON.parse(JSON.stringify(body, (name, value) => (name === 'me' ? undefined : value)));

/** Every page of a circle, as each of its members is shown it: the same for all, on all paths, without what is gone. */
const checkPages = async (circle: SecretCircle, members: readonly Snoop[]): Promise<void> => {
  for (const { id, messages } of circle.open) {
    const [path, s] = [`GET /v1/circles/${circle.id}/streams/${id}`, `${circle.id}/${id}`];
    const newest = messages.slice(-6).map((message) => `/messages/${message.id}`);
    const edits = newest.map((message) => `${message}/edits`);
    const lists = ['/messages?limit=200', '/messages?after=2&limit=7', '/pins?limit=200'];
    const shown: unknown[] = [];
    for (const member of members) {
      const bodies: object[] = [];
      for (const page of [...lists, ...newest, ...edits])
        bodies.push((await member.call(`${path}${page}`)).body);
      const [history] = bodies;
      expect((await member.ear.ask({ t: 'get', s, limit: 200 })).d).toEqual(history);
      const [, reset] = await member.ear.subscribe(s, { last: 200 });
      const { messages: known, users } = reset ?? {};
      expect(known).toEqual((history as Outcome['body']).messages);
      bodies.push(users ?? []);
      for (const text of circle.gone) expect(JSON.stringify(bodies)).not.toContain(text);
      shown.push(alike(bodies));
    }
    for (const each of shown.slice(1)) expect(each).toEqual(shown[0]);
  }
};

/** Lists name what somebody is in, and nothing else. */
const checkLists = async (circles: readonly SecretCircle[], snoop: Snoop): Promise<void> => {
  const mine = circles.filter(({ members }) => members.has(snoop.person.id));
  for (const kind of ['circle', 'direct'] as const) {
    const expected = mine.filter((circle) => circle.kind === kind).map(({ id }) => id);
    const listed = async () =>
      (await snoop.call(`GET /v1/${kind}s?limit=200`)).body.circles?.map(({ id }) => id);
    await until(async () => `${await listed()}` === `${expected.sort()}`, `${kind}s of mine`);
  }
  const { streams = [] } = (await snoop.call('GET /v1/unread')).body;
  const readable = new Set(mine.flatMap(({ id, open }) => open.map((each) => `${id}/${each.id}`)));
  expect(streams.filter(({ s }) => !readable.has(s))).toEqual([]);
};

/** An invite that does not let anybody in any more shows nothing either. */
const checkInvites = async (circle: SecretCircle, { person, call }: Snoop): Promise<void> => {
  for (const invite of circle.invitesOf(person.id)) {
    const leads = !circle.isDeleted && isFitting(invite);
    const { status } = await call(`GET /v1/invites/${invite.code}`);
    expect(status).toBe(leads ? 200 : 410);
  }
};

/** Who is not in a circle finds no page of it, and nobody finds one of a stream that is gone. */
const checkDoors = async (circle: SecretCircle, { person, call }: Snoop): Promise<void> => {
  const path = `GET /v1/circles/${circle.id}`;
  const isInside = circle.members.has(person.id);
  const outside = circle.isHiddenFrom(person.id) ? 404 : 403;
  for (const { id, messages, deleted } of circle.talks) {
    const message = `messages/${messages[0]?.id ?? uuid7()}`;
    for (const page of ['messages', 'pins', message, `${message}/edits`]) {
      const { status } = await call(`${path}/streams/${id}/${page}`);
      if (!isInside) expect([page, status]).toEqual([page, outside]);
      else if (deleted) expect([page, status]).toEqual([page, 404]);
    }
  }
  const { status, body } = await call(`${path}/presence`);
  expect(status).toBe(isInside ? 200 : outside);
  const { online = [] } = body as { online?: string[] };
  expect(online.filter((id) => !circle.members.has(id))).toEqual([]);
};

/** Two private circles, a public one that is hidden and shown again, and two conversations; Eve is given nothing. */
const scenesOf = (snoops: readonly Snoop[], secrets: Secrets): Scene[] => {
  const people = snoops.map(({ person }) => person);
  const [ann, ben, cleo, dan, eve] = people as [Person, Person, Person, Person, Person];
  const faults: string[] = [];
  const tally = new Map<string, number>();
  const scene = (index: number, founders: readonly Person[], kind: SecretCircle['kind']): Scene => {
    const dice = chance(seed + index);
    const [one, other] = founders.map(({ id }) => id as UserId);
    const id = kind === 'direct' && one && other ? directCircle(one, other) : uuid7();
    const options: SecretCircleOptions = {
      ...{ id, kind, founders, people, stranger: eve, secrets, chance: dice },
    };
    return { circle: new SecretCircle(options), snoops, dice, secrets, faults, tally };
  };
  return [
    ...[ann, ben, cleo].map((owner, index) => scene(index, [owner], 'circle')),
    scene(3, [ann, ben], 'direct'),
    scene(4, [dan, eve], 'direct'),
  ];
};

/** Makes the circles, and lets people do what they like in all of them at once. */
const playAll = async (scenes: readonly Scene[], times: number): Promise<void> => {
  const snoops = scenes[0]?.snoops;
  const snoopOf = (id: string | undefined) => snoops?.find(({ person }) => person.id === id);
  for (const [index, scene] of scenes.entries()) {
    const { circle } = scene;
    const [one, other] = [...circle.members];
    const founder = snoopOf(one);
    if (!founder) throw new Error('nobody makes it');
    if (circle.kind === 'direct') await founder.call(`PUT /v1/directs/${other}`);
    else await carryOut(scene, founder, creation(circle, index === 1 ? 'public' : 'private'));
  }
  await Promise.all(scenes.map((scene) => play(scene, times)));
  const last = scenes[2];
  const owner = snoopOf(last?.circle.owner);
  if (last && owner) await carryOut(last, owner, deletion(last.circle));
};

it(
  `nobody is ever told what they may not know, on any path [H1] [H3] [H4] [W11] [W17] [seed ${seed}]`,
  async ({ stage, url }) => {
    const secrets = new Secrets();
    const people = await registerAll(url, ['ann', 'ben', 'cleo', 'dan', 'eve', 'fay']);
    const snoops = await Promise.all(people.map((person) => Snoop.begin({ url, person, secrets })));
    const scenes = scenesOf(snoops, secrets);
    const circles = scenes.map(({ circle }) => circle);
    await playAll(scenes, steps[stage.engine]);
    expect([...secrets.faults, ...(scenes[0]?.faults ?? [])]).toEqual([]);
    for (const snoop of snoops) {
      await checkLists(circles, snoop);
      for (const circle of circles) {
        await checkDoors(circle, snoop);
        await checkInvites(circle, snoop);
      }
    }
    for (const circle of circles) {
      await checkPages(
        circle,
        snoops.filter(({ person }) => circle.members.has(person.id)),
      );
    }
    expect(secrets.faults).toEqual([]);
    expect(secrets.betrayed()).toEqual([]);
    expect(snoops.flatMap((snoop) => checkPassing(circles, snoop))).toEqual([]);
    expect(secrets.heardCount).toBeGreaterThan(1000);
    const tried = [...(scenes[0]?.tally.keys() ?? [])].filter((each) => each.endsWith(' done'));
    expect(tried).toHaveLength(20);
    for (const snoop of snoops) snoop.close();
  },
  { timeout: 120_000 },
);
