import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { pathOf, type Route, routeOf } from '../state/route.ts';

/** The address line: where somebody is, and how they get elsewhere. */
export class Navigation {
  readonly route: ReadonlySignal<Route>;
  readonly #path = signal(location.pathname);

  constructor() {
    this.route = computed(() => routeOf(this.#path.value));
    addEventListener('popstate', () => {
      this.#path.value = location.pathname;
    });
  }

  go(route: Route, { replace = false } = {}): void {
    const path = pathOf(route);
    if (path === location.pathname) return;
    if (replace) history.replaceState(history.state, '', path);
    else history.pushState({ isOurs: true }, '', path);
    this.#path.value = path;
  }

  /** Back to where one came from within the page, else home. */
  back(): void {
    if (history.state?.isOurs) history.back();
    else this.go({ at: 'home' }, { replace: true });
  }
}
