import { uuid7 } from '../../src/events/ids.ts';
import { makeCircle, type Person, registerAll } from './server-people.ts';

/** A private circle with two streams: Ann and Ben stay in it, Cleo and Dan come and go, Eve never gets in. */
export type PrivateCircle = {
  readonly ann: Person;
  readonly ben: Person;
  readonly cleo: Person;
  readonly dan: Person;
  readonly eve: Person;
  readonly circle: string;
  readonly streams: readonly string[];
  /** Lets in whoever has it, for ever. */
  readonly invite: string;
};

export const privateCircle = async (url: string): Promise<PrivateCircle> => {
  const people = await registerAll(url, ['ann', 'ben', 'cleo', 'dan', 'eve']);
  const [ann, ben, cleo, dan, eve] = people as [Person, Person, Person, Person, Person];
  const circle = await makeCircle(ann, [], 'private');
  const second = uuid7();
  await ann.call(`PUT /v1/circles/${circle}/streams/${second}`, { name: 'second' });
  const made = await ann.call(`POST /v1/circles/${circle}/invites`, { expiresIn: 0, maxUses: 0 });
  const invite = made.body.invite?.code ?? '';
  await ben.call(`PUT /v1/circles/${circle}/members/me`, { invite });
  const streams = [`${circle}/${circle}`, `${circle}/${second}`];
  return { ann, ben, cleo, dan, eve, circle, streams, invite };
};
