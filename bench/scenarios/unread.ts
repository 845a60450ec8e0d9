import { uuid7 } from '../../src/events/ids.ts';
import { type Figure, figure, quantile, textOf } from '../stage/figures.ts';
import { type Place, startOshi } from '../stage/oshi.ts';
import { circleOf, inParallel, type Person, register, request, Talker } from '../stage/people.ts';
import type { Subject } from '../stage/process.ts';

const circles = 200;
const streamsEach = 10;
const postsEach = 20;
const asked = 20;

/** A circle of the owner's with several streams, in each of which there is something; their names. */
const settle = async (
  server: Subject,
  { owner, reader, talker }: { owner: Person; reader: Person; talker: Talker },
): Promise<string[]> => {
  const circle = await circleOf(server.url, owner, []);
  const names = [`${circle}/${circle}`];
  for (let count = 1; count < streamsEach; count++) {
    const id = uuid7();
    await talker.ask({ t: 'cmd', op: 'create-stream', d: { circle, id, name: `s${count}` } });
    names.push(`${circle}/${id}`);
  }
  const fill = (count: number) => Promise.all(names.map((s) => talker.post(s, textOf(count))));
  for (let count = 0; count < postsEach / 2; count++) await fill(count);
  const path = `/v1/circles/${circle}/members/me`;
  await request(server.url, ['PUT', path], { token: reader.token, body: {} });
  for (let count = 0; count < postsEach / 2; count++) await fill(count);
  return names;
};

/** How long `GET /v1/unread` takes for somebody in 200 circles with 2,000 streams, all with something unread. */
export const unread = async (place: Place): Promise<Figure[]> => {
  const server = await startOshi(place);
  const [owner, reader] = await inParallel(2, 2, () => register(server.url));
  if (!(owner && reader)) throw new Error('nobody');
  const talker = await Talker.open(server.url, owner.token);
  const names = (
    await inParallel(circles, 4, () => settle(server, { owner, reader, talker }))
  ).flat();

  const ask = async (): Promise<number> => {
    const begun = performance.now();
    const { streams } = await request(server.url, ['GET', '/v1/unread'], { token: reader.token });
    const found = (streams as { unread: number }[]).filter((each) => each.unread > 0).length;
    if (found !== expected) throw new Error(`${found} streams with something unread`);
    return performance.now() - begun;
  };
  const several = async (): Promise<number> => {
    const times: number[] = [];
    for (let count = 0; count < asked; count++) times.push(await ask());
    return quantile(times, 0.5);
  };
  let expected = names.length;
  const first = await ask();
  const again = await several();
  await inParallel(names.length, 8, (at) => talker.post(names[at] ?? '', `@${reader.username}`));
  const mentioned = await several();
  const readers = await Talker.open(server.url, reader.token);
  await inParallel(names.length - 20, 8, (at) =>
    readers.ask({ t: 'cmd', op: 'mark-read', d: { s: names[at], m: postsEach + 1 } }),
  );
  expected = 20;
  const few = await several();
  for (const each of [talker, readers]) each.close();
  await server.stop();
  return [
    figure('2,000 streams with something unread, p50', again, 'ms'),
    figure('the same, the first time after joining', first, 'ms'),
    figure('the same, a mention in each, p50', mentioned, 'ms'),
    figure('20 of 2,000 with something unread, p50', few, 'ms'),
  ];
};
