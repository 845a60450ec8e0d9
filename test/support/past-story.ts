import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { makeCircle, messagesOf, type Person, post, registerAll } from './server-people.ts';
import { until } from './waiting.ts';

/** A time behind all that was answered so far and before all that comes. */
const between = async (): Promise<number> => {
  const now = Date.now() + 1;
  await until(() => Date.now() > now);
  return now;
};

/** What a command was answered that must be carried out. */
export const done = async (answer: ReturnType<Person['call']>) => {
  const { status, body, text } = await answer;
  expect(status, text).toBeLessThan(300);
  return body;
};

/** A circle that is public with ann and ben, then private with ann and cat; what was said, changed and deleted. */
const story = async (url: string) => {
  const [ann, ben, cat] = (await registerAll(url, ['ann', 'ben', 'cat'])) as [
    Person,
    Person,
    Person,
  ];
  const circle = await makeCircle(ann, [ben]);
  const news = uuid7();
  const [first, second, third] = [uuid7(), uuid7(), uuid7()];
  const said = messagesOf(circle);
  const times = [await between()];
  await done(post(ann, circle, { text: 'one', id: first }));
  await done(post(ben, circle, { text: 'two', id: second }));
  times.push(await between());
  await done(ben.call(`PATCH ${said}/${second}`, { text: 'two!' }));
  await done(ben.call(`PUT ${said}/${first}/reactions/${encodeURIComponent('👍')}`));
  await done(ann.call(`PUT ${said}/${first}/pin`));
  times.push(await between());
  await done(ann.call(`PATCH /v1/circles/${circle}`, { name: 'Coffee', visibility: 'private' }));
  await done(ann.call(`PUT /v1/circles/${circle}/streams/${news}`, { name: 'news', topic: 'new' }));
  const made = await done(ann.call(`POST /v1/circles/${circle}/invites`, {}));
  const code = made.invite?.code ?? '';
  await done(cat.call(`PUT /v1/circles/${circle}/members/me`, { invite: code }));
  await done(
    cat.call(`PUT /v1/circles/${circle}/streams/${news}/messages/${third}`, { text: 'me' }),
  );
  times.push(await between());
  await done(ann.call(`DELETE /v1/circles/${circle}/members/${ben.id}`));
  await done(ann.call(`DELETE ${said}/${second}`));
  await done(cat.call(`PATCH /v1/circles/${circle}/members/me/data`, { nickname: 'Kit', data: 1 }));
  times.push(await between());
  await done(ann.call(`DELETE /v1/circles/${circle}/streams/${news}`));
  times.push(await between());
  return { ann, ben, cat, circle, news, first, second, third, code, times };
};

export type Story = Awaited<ReturnType<typeof story>>;

const stories = new Map<string, Promise<Story>>();

/** The story that is told once on each server, and then looked at. */
export const toldAt = (url: string): Promise<Story> => {
  const told = stories.get(url) ?? story(url);
  stories.set(url, told);
  return told;
};
