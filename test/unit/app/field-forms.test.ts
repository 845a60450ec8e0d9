import fc from 'fast-check';
import type Type from 'typebox';
import { expect, test } from 'vitest';
import * as field from '../../../src/app/fields.ts';
import { check } from '../../../src/app/validation.ts';
import { createComponents } from '../../../src/http/description/components.ts';

const fitting = (schema: Type.TSchema) => {
  const { violation } = check(field.closed({ x: schema }));
  return (x: unknown): boolean => violation({ x }) === undefined;
};

const seed = 20261128;
const damaged = (text: string, flip: number): string =>
  [...text].map((letter, at) => (at === flip ? 'G' : letter)).join('');

/** For each described form, what a client may make up: some of it fits, and some just does not. */
const madeUp = {
  Uuid: [field.Uuid, fc.uuid()],
  Uuid7: [field.Uuid7, fc.uuid({ version: [4, 7] })],
  StreamPath: [field.StreamPath, fc.tuple(fc.uuid(), fc.uuid()).map((ids) => ids.join('/'))],
  EventStreamName: [field.EventStreamName, fc.oneof(fc.constant('me'), fc.uuid())],
  Username: [
    field.Username,
    fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 34 }),
      fc.stringMatching(/^[\wéя的.-]{1,34}$/),
    ),
  ],
  Emoji: [
    field.Emoji,
    fc.constantFrom('👍', '❤️', '🇨🇭', '#️⃣', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '$\uFE0F', '❤', 'a', '', '👍👍'),
  ],
  Avatar: [
    field.Avatar,
    fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.string().map((rest) => `HTTPS://${rest}`),
    ),
  ],
} as const;

test.for(Object.entries(madeUp))(
  `%s: what the server takes has the form that is described (seed ${seed})`,
  ([name, [schema, values]]) => {
    const fits = fitting(schema);
    const {
      pattern = '',
      minLength = 0,
      maxLength = 1e9,
    } = createComponents().reference(schema) as Described;
    const isDescribed = (text: string): boolean => {
      const length = [...text].length;
      return new RegExp(pattern, 'u').test(text) && length >= minLength && length <= maxLength;
    };
    let taken = 0;
    const law = fc.property(values as fc.Arbitrary<string>, fc.nat(40), (text, at) => {
      for (const each of [
        text,
        damaged(text, at),
        text.slice(at),
        `${text} `,
        text.toUpperCase(),
      ]) {
        if (!fits(each)) continue;
        taken++;
        expect(isDescribed(each), each).toBe(true);
      }
    });
    fc.assert(law, { seed, numRuns: 300 });
    expect(taken, name).toBeGreaterThan(20);
  },
);

test('ids are described exactly: nothing that has their form is refused', () => {
  for (const schema of [field.Uuid, field.Uuid7, field.StreamPath, field.EventStreamName]) {
    const fits = fitting(schema);
    const { pattern = '' } = createComponents().reference(schema) as Described;
    const law = fc.property(fc.stringMatching(new RegExp(pattern)), (text) => {
      expect(fits(text), text).toBe(true);
    });
    fc.assert(law, { seed, numRuns: 300 });
  }
});

type Described = {
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
};
