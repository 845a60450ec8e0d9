import { expect, test } from 'vitest';
import { textFrame } from '../../../src/hub/frame.ts';
import { received } from '../../support/checkers/received.ts';

test.for([
  [0, 2],
  [1, 2],
  [125, 2],
  [126, 4],
  [127, 4],
  [65_535, 4],
  [65_536, 10],
  [1_000_000, 10],
] as const)('a text of %i bytes is one frame with a head of %i', ([size, head]) => {
  const text = 'x'.repeat(size);
  const frame = textFrame(text);
  expect(frame).toHaveLength(head + size);
  expect(received(frame)).toEqual([text]);
});

test('lengths are those of the bytes, not of the characters', () => {
  for (const letter of ['é', '的', '\u{1F600}']) {
    for (const count of [31, 32, 41, 42, 62, 63, 64, 16_383, 16_384, 21_845, 32_767, 32_768]) {
      const text = letter.repeat(count);
      expect(received(textFrame(text))).toEqual([text]);
    }
  }
});

test('frames one behind the other are messages one behind the other', () => {
  const texts = ['one', 'x'.repeat(200), '', 'y'.repeat(70_000)];
  expect(received(Buffer.concat(texts.map(textFrame)))).toEqual(texts);
});
