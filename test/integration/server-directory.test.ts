import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { uuid7 } from '../../src/events/ids.ts';
import { type Person, register } from '../support/fixtures/server-people.ts';
import { testOnEngines } from '../support/fixtures/server-stage.ts';

const it = testOnEngines();

/** A word that stands in no other test's circles. */
const ownWord = (): string => `zq${randomUUID().slice(0, 8)}`;

const make = async (
  owner: Person,
  name: string,
  more: { visibility?: string; about?: string } = {},
): Promise<string> => {
  const id = uuid7();
  const body = { name, visibility: 'public', ...more };
  const made = await owner.call(`PUT /v1/circles/${id}`, body);
  expect(made.status, made.text).toBe(201);
  return id;
};

/** All that the directory gives to a question, page by page. */
const found = async (person: Person, q: string, limit = 200): Promise<string[]> => {
  const ids: string[] = [];
  let cursor = '';
  do {
    const query = `directory=public&q=${encodeURIComponent(q)}&limit=${limit}${cursor}`;
    const { status, body, text } = await person.call(`GET /v1/circles?${query}`);
    expect(status, text).toBe(200);
    expect(body.circles?.length).toBeLessThanOrEqual(limit);
    ids.push(...(body.circles ?? []).map(({ id }) => id));
    cursor = body.next === undefined ? '' : `&cursor=${body.next}`;
  } while (cursor !== '');
  return ids;
};

it('public circles are found by the words of their names, in any case and order', async ({
  url,
}) => {
  const ann = await register(url);
  const eve = await register(url, 'eve');
  const word = ownWord();
  const tea = await make(ann, `The ${word} Tea-House`, { about: 'leaves' });
  const straße = await make(ann, `${word} Straße`);
  await make(ann, `${word} hidden`, { visibility: 'private' });
  const both = [tea, straße].sort();
  expect(await found(eve, word)).toEqual(both);
  expect(await found(eve, word.toUpperCase())).toEqual(both);
  expect(await found(eve, word.slice(0, -1))).toEqual(both);
  expect(await found(eve, `tea-house ${word}`)).toEqual([tea]);
  expect(await found(eve, `${word} hou`)).toEqual([tea]);
  expect(await found(eve, `"${word}", STRASSE`)).toEqual([straße]);
  expect(await found(eve, `${word} coffee`)).toEqual([]);
  const { body } = await eve.call(`GET /v1/circles?directory=public&q=${word}%20tea`);
  expect(body.circles).toEqual([
    {
      ...{ id: tea, kind: 'circle', name: `The ${word} Tea-House`, about: 'leaves' },
      ...{ visibility: 'public', owner: ann.id, members: 1 },
    },
  ]);
});

it('a circle that is renamed, hidden, shown or deleted is found accordingly', async ({ url }) => {
  const ann = await register(url);
  const [before, after] = [ownWord(), ownWord()];
  const circle = await make(ann, `${before} one`);
  const patch = (change: object) => ann.call(`PATCH /v1/circles/${circle}`, change);
  await patch({ name: `${after} two` });
  expect(await found(ann, before)).toEqual([]);
  expect(await found(ann, after)).toEqual([circle]);
  await patch({ visibility: 'private' });
  expect(await found(ann, after)).toEqual([]);
  await patch({ visibility: 'public', about: 'again' });
  expect(await found(ann, after)).toEqual([circle]);
  expect((await ann.call(`DELETE /v1/circles/${circle}`)).status).toBe(204);
  expect(await found(ann, after)).toEqual([]);
});

it('the directory is paged, whole and without doubles, whatever is asked', async ({ url }) => {
  const ann = await register(url);
  const word = ownWord();
  const made = await Promise.all(
    Array.from({ length: 7 }, (_, index) => make(ann, `${word} ${index % 2 ? 'odd' : 'even'}`)),
  );
  expect(await found(ann, word, 3)).toEqual(made.toSorted());
  expect(await found(ann, word, 7)).toEqual(made.toSorted());
  const even = made.filter((_, index) => index % 2 === 0).sort();
  expect(await found(ann, `even ${word}`, 2)).toEqual(even);
  expect(await found(ann, `${word} even`, 4)).toEqual(even);
  const { body } = await ann.call('GET /v1/circles?directory=public&limit=1');
  expect(body.circles).toHaveLength(1);
  expect(body.next).toBeTypeOf('string');
});

it('what does not fit is said with its field', async ({ url }) => {
  const ann = await register(url);
  for (const [field, query] of [
    ['directory', 'directory=private'],
    ['directory', 'directory='],
    ['q', 'q=tea'],
    ['q', `directory=public&q=${'a'.repeat(101)}`],
    ['limit', 'directory=public&limit=0'],
    ['x', 'directory=public&x=1'],
  ]) {
    const { status, body } = await ann.call(`GET /v1/circles?${query}`);
    expect([query, status, body.code, body.field]).toEqual([query, 400, 'bad-request', field]);
  }
});
