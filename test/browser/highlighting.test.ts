import { expect, it } from 'vitest';
import { coloured } from '../../web/src/highlighting/colour.ts';

it.each([
  ['ts', 'const a: string = `b`; // c'],
  ['py', 'def f(x):\n    return "é" + str(x)  # 😀'],
  ['html', '<p class="a">&amp; <script>alert(1)</script></p>'],
  ['sql', "SELECT *, count(*) FROM t WHERE a = 'b'"],
  ['bash', 'for f in *.o; do rm "$f"; done'],
  ['json', '{"a": [1, true, null'],
  ['rust', 'fn main() { let \u0000 = "never closed'],
])('%s: the colours of code lose nothing of it', (language, code) => {
  const tokens = coloured(language, code);
  expect(tokens?.map(({ text }) => text).join('')).toBe(code);
  expect(tokens?.some(({ scope }) => scope !== undefined)).toBe(true);
});

it('code in a language that is not known has none', () => {
  expect(coloured('text', 'a')).toBeUndefined();
  expect(coloured('constructor', 'a')).toBeUndefined();
});
