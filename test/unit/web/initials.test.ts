import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { colourOf, coloursMax, initialsOf } from '../../../web/src/state/initials.ts';

const graphemesOf = (text: string): string[] =>
  [...new Intl.Segmenter('en').segment(text)].map(({ segment }) => segment);

describe('initials', () => {
  it.each([
    ['Ada Lindqvist', 'AL'],
    ['iris van dam', 'ID'],
    ['ben_okafor', 'BO'],
    ['李雷', '李'],
    ['🌱 garden', 'G'],
    ['👩‍👩‍👧🌱', '👩‍👩‍👧'],
    ['🇳🇴', '🇳🇴'],
    ['♥ ♥', '♥'],
    ['e\u0301lise', 'É'],
    ['ßen ﬃ', 'SF'],
    ['z\u0300\u0301\u0302\u0303\u0304\u0305', 'Z\u0300\u0301'],
    ['\u3164 \u200b', '?'],
    ['\u202e\u202dada', 'A'],
    ['…', '?'],
    ['', '?'],
  ])('of %s are %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });

  it('are one or two visible graphemes, for any name', () => {
    const seed = 20_261_128;
    const piece = fc.constantFrom(
      '👩‍👩‍👧',
      '🏽',
      '\u200d',
      '\u202e',
      '\ufe0f',
      '\u0301',
      '🇳',
      ' ',
      'ß',
    );
    const unit = fc.oneof(fc.string({ unit: 'binary', maxLength: 2 }), piece);
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 20 }), (parts) => {
        const initials = initialsOf(parts.join(''));
        expect(initials.isWellFormed()).toBe(true);
        expect(initials).toMatch(/^[\p{L}\p{N}\p{S}?]/u);
        expect(initials).not.toMatch(/[\s\p{Cc}\p{Bidi_Control}]/u);
        expect(graphemesOf(initials).length).toBeLessThanOrEqual(2);
      }),
      { seed, numRuns: 500 },
    );
  });
});

/** The relative luminance of `#rrggbb` (WCAG 2.2). */
const luminanceOf = (colour: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrastOf = (one: string, other: string): number => {
  const [dark = 0, light = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

describe('the background colour of initials', () => {
  it('is the same for the same id, and all are used', () => {
    expect(colourOf('x')).toBe(colourOf('x'));
    const colours = new Set(Array.from({ length: 200 }, (_, index) => colourOf(`id ${index}`)));
    expect(colours.size).toBe(coloursMax);
  });

  it('has enough contrast, in light and dark', () => {
    const path = resolve(import.meta.dirname, '../../../web/src/styles/controls.css');
    const style = readFileSync(path, 'utf8');
    const tints = [
      ...style.matchAll(/\.tint-\d \{\s+--tint: light-dark\((#\w{6}), (#\w{6})\)/g),
    ].map(([, light = '', dark = '']) => [light, dark]);
    expect(tints).toHaveLength(coloursMax);
    expect(style).toContain('color: light-dark(#fff, #1a1216)');
    for (const [light = '', dark = ''] of tints) {
      expect(contrastOf(light, '#ffffff'), light).toBeGreaterThanOrEqual(4.5);
      expect(contrastOf(dark, '#1a1216'), dark).toBeGreaterThanOrEqual(4.5);
    }
  });
});
