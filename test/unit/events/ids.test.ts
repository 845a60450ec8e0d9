import { expect, test } from 'vitest';
import {
  directCircle,
  isDirectCircle,
  isUuid,
  isUuid7,
  type UserId,
  uuid7,
  uuid7Time,
} from '../../../src/events/ids.ts';

test('a UUID of version 7 carries its time and is of that form', () => {
  for (const at of [0, 1, 1_700_000_000_000, 2 ** 48 - 1]) {
    const id = uuid7(at);
    expect(isUuid7(id)).toBe(true);
    expect(isUuid(id)).toBe(true);
    expect(uuid7Time(id)).toBe(at);
  }
});

test('later ones sort behind earlier ones, and no two are the same', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => uuid7(1_700_000_000_000 + index));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 1000 }, () => uuid7(1))).size).toBe(1000);
});

test('the example of RFC 9562 is one', () => {
  const example = '017f22e2-79b0-7cc3-98c4-dc0c0c07398f';
  expect(isUuid7(example)).toBe(true);
  expect(uuid7Time(example)).toBe(Date.UTC(2022, 1, 22, 19, 22, 22));
});

test.each([
  ['', false],
  ['017F22E2-79B0-7CC3-98C4-DC0C0C07398F', false],
  ['017f22e279b07cc398c4dc0c0c07398f', false],
  ['017f22e2-79b0-7cc3-98c4-dc0c0c07398f ', false],
  ['017f22e2-79b0-7cc3-98c4-dc0c0c07398g', false],
  ['c232ab00-9414-11ec-b3c8-9f6bdeced846', true],
])('%j is a UUID: %s, and none of version 7', (text, uuid) => {
  expect(isUuid(text)).toBe(uuid);
  expect(isUuid7(text)).toBe(false);
});

test('another variant than that of RFC 9562 is none of version 7', () => {
  for (const variant of '01234567cdef') {
    expect(isUuid7(`017f22e2-79b0-7cc3-${variant}8c4-dc0c0c07398f`)).toBe(false);
  }
});

test('the id of a conversation follows from its two people, whichever comes first', () => {
  const ann = '019a0000-0000-7000-8000-000000000001' as UserId;
  const ben = '019a0000-0000-7000-8000-00000000000a' as UserId;
  const id = directCircle(ann, ben);
  expect(id).toBe('70e6bf8a-0368-8d36-942b-b91806d2b6ee');
  expect(directCircle(ben, ann)).toBe(id);
  expect(isUuid(id)).toBe(true);
  expect('89ab').toContain(id[19]);
  expect([isDirectCircle(id), isDirectCircle(uuid7())]).toEqual([true, false]);
  expect(directCircle(ann, uuid7() as UserId)).not.toBe(id);
});
