/** A route of the page; each has its own URL. */
export type Route =
  | { readonly at: 'home' }
  | { readonly at: 'find' }
  | { readonly at: 'circle'; readonly circle: string; readonly stream?: string }
  | { readonly at: 'history'; readonly circle?: string }
  | { readonly at: 'invite'; readonly code: string }
  | { readonly at: 'settings'; readonly section: SettingsSection }
  /** An unknown address. */
  | { readonly at: 'not-found'; readonly path: string };

export const settingsSections = ['profile', 'password', 'sessions', 'appearance'] as const;
export type SettingsSection = (typeof settingsSections)[number];

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The route of a path. */
export const routeOf = (path: string): Route => {
  const [, first, second, third] = path.split('/');
  if (first === 'find') return { at: 'find' };
  if (first === 'history') {
    return second && uuid.test(second) ? { at: 'history', circle: second } : { at: 'history' };
  }
  if (first === 'invite' && second) return { at: 'invite', code: decoded(second) };
  if (first === 'settings') {
    const section = settingsSections.find((name) => name === second) ?? 'profile';
    return { at: 'settings', section };
  }
  if (first === 'c' && second && uuid.test(second)) {
    return third && uuid.test(third)
      ? { at: 'circle', circle: second, stream: third }
      : { at: 'circle', circle: second };
  }
  return first ? { at: 'not-found', path } : { at: 'home' };
};

/** The path of a route. */
export const pathOf = (route: Route): string => {
  switch (route.at) {
    case 'home':
      return '/';
    case 'find':
      return '/find';
    case 'history':
      return `/history${route.circle === undefined ? '' : `/${route.circle}`}`;
    case 'invite':
      return `/invite/${encodeURIComponent(route.code)}`;
    case 'settings':
      return `/settings/${route.section}`;
    case 'not-found':
      return route.path;
    case 'circle':
      return `/c/${route.circle}${route.stream === undefined ? '' : `/${route.stream}`}`;
  }
};

/** The code of an invite from pasted text: a link, or the code alone. */
export const inviteCodeOf = (pasted: string): string | undefined => {
  const [, code = pasted.trim()] = /\/invite\/([^/?#\s]+)/.exec(pasted) ?? [];
  return /^[^/\s]{1,128}$/.test(code) ? decoded(code) : undefined;
};

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};
