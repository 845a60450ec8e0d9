import { expect, test } from 'vitest';
import { nameRules } from '../../../../src/actors/name/rules.ts';
import { type EventIn, event } from '../../../../src/events/kinds/kinds.ts';
import { by, member, owner } from '../../../support/fixtures/circle-past.ts';
import { folded, givenBy } from '../../../support/fixtures/given.ts';

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
