import { describe, expect, it } from 'vitest';
import { inviteCodeOf, pathOf, routeOf } from '../../../web/src/state/route.ts';

const circle = '01936f8e-0000-7000-8000-000000000001';

describe('the URL', () => {
  it.each([
    '/',
    '/find',
    `/c/${circle}`,
    `/c/${circle}/${circle}`,
    '/invite/a-B_9',
    '/settings/sessions',
  ])('%s is the path of its route', (path) => {
    expect(pathOf(routeOf(path))).toBe(path);
  });

  it.each(['/c', '/c/nonsense', '/c/../..', '/nothing', '/invite/'])('%s is not found', (path) => {
    expect(routeOf(path)).toEqual({ at: 'not-found', path });
    expect(pathOf(routeOf(path))).toBe(path);
  });

  it('is home if empty', () => {
    expect(routeOf('')).toEqual({ at: 'home' });
  });

  it('opens the profile for unknown settings', () => {
    expect(routeOf('/settings/x')).toEqual({ at: 'settings', section: 'profile' });
  });

  it('finds the code in pasted text', () => {
    expect(inviteCodeOf('https://chat.example/invite/a-B_9?x')).toBe('a-B_9');
    expect(inviteCodeOf('  a-B_9 ')).toBe('a-B_9');
    expect(inviteCodeOf('two words')).toBeUndefined();
    expect(inviteCodeOf('')).toBeUndefined();
  });
});
