import { expect, test } from 'vitest';
import { nameRules } from '../../../src/actors/name/rules.ts';
import { type EventIn, event } from '../../../src/events/kinds.ts';
import { fold } from '../../../src/text/fold.ts';
import { by, member, owner } from '../../support/circle-past.ts';
import { folded, givenBy } from '../../support/given.ts';

const given = givenBy(nameRules);
const claimed: EventIn<'name'> = event('name-claimed', { user: owner });
const released: EventIn<'name'> = event('name-released', { user: owner });
const claim = { op: 'claim-name' } as const;

test('a name is claimed by one; again by the same changes nothing', () => {
  given([])
    .when({ ...by(owner), ...claim })
    .records(claimed);
  given([claimed])
    .when({ ...by(owner), ...claim })
    .changesNothing();
  given([claimed])
    .when({ ...by(member), ...claim })
    .refuses('username-taken', 'username');
});

test('a name that was let go is free', () => {
  given([claimed, released])
    .when({ ...by(member), ...claim })
    .records(event('name-claimed', { user: member }));
});

test('only the claim that is meant is let go', () => {
  const release = { ...by(member), op: 'release-name', user: owner } as const;
  given([claimed]).when(release).records(released);
  given([event('name-claimed', { user: member })])
    .when(release)
    .changesNothing();
  given([]).when(release).changesNothing();
});

test('a state survives its snapshot', () => {
  for (const past of [[], [claimed], [claimed, released]]) {
    const state = folded(nameRules, past);
    const kept: unknown = JSON.parse(JSON.stringify(nameRules.freeze(state)));
    expect(nameRules.thaw(kept)).toEqual(state);
  }
});

test.for([
  ['Ada', 'ADA'],
  ['straße', 'STRASSE'],
  ['ﬁn', 'fin'],
  ['ｗｉｄｅ', 'wide'],
  ['e\u0301va', 'ÉVA'],
  ['Σίσυφος', 'ΣΊΣΥΦΟΣ'],
  ['ꭰꭱ', 'ᎠᎡ'],
  ['Å', 'Å'],
])('%s and %s are one name', ([one, other]) => {
  expect(fold(one ?? '')).toBe(fold(other ?? ''));
});

/** Every letter, mark and digit of the first two planes but one, see below. */
const letters = Array.from({ length: 0x20000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code))
  .filter((letter) => letter !== 'ẞ' && /[\p{L}\p{M}\p{N}]/u.test(letter));

test('folding what is folded changes nothing, and upper and lower case fold alike', () => {
  const bad = letters.filter((letter) => {
    const folded = fold(letter);
    const forms = [folded, letter.toUpperCase(), letter.toLowerCase()];
    return forms.some((form) => fold(form) !== folded);
  });
  expect(bad).toEqual([]);
});

// `ẞ` has no other upper case and is lowered to `ß`, while `ß` itself becomes `ss`: two people can have one name.
test('ẞ, ß and ss are one name', () => {
  expect(fold('ẞ')).toBe(fold('ß'));
});
