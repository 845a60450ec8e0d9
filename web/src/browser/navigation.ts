import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { pathOf, type Route, routeOf } from '../state/route.ts';

/** The state of an entry of the browser's history. */
type Entry = {
  /** The previous path within the page. */
  readonly from?: string;
  /** The number of open panes and dialogs. */
  readonly layers?: number;
};

export type NavigationOptions = {
  /** Closes panes and dialogs until at most this many are open. */
  readonly closeDownTo: (layers: number) => void;
};

/** The route and its URL. Each open pane or dialog has an entry in the browser's history, so that Back closes it. */
export class Navigation {
  readonly route: ReadonlySignal<Route>;
  readonly #path = signal(location.pathname);
  readonly #options: NavigationOptions;
  /** The number of open panes and dialogs. */
  #layers = 0;
  /** The number for which the current entry was made: higher if some were not closed by Back. */
  #top = entry().layers ?? 0;

  constructor(options: NavigationOptions) {
    this.#options = options;
    this.route = computed(() => routeOf(this.#path.value));
    addEventListener('popstate', () => this.#arrive());
  }

  go(route: Route, { replace = false } = {}): void {
    const path = pathOf(route);
    if (path === location.pathname) return;
    if (replace) history.replaceState(history.state, '', path);
    else this.#goFrom(location.pathname, path);
    this.#path.value = path;
  }

  /** To a parent route: back if the user came from there, else by replacing the entry. */
  up(route: Route): void {
    if (entry().from === pathOf(route)) history.back();
    else this.go(route, { replace: true });
  }

  /** Back to the previous path within the page, else home. */
  back(): void {
    if (entry().from !== undefined) history.back();
    else this.go({ at: 'home' }, { replace: true });
  }

  /** Sets the number of open panes and dialogs. */
  setLayers(layers: number): void {
    this.#layers = layers;
    for (; this.#top < layers; this.#top += 1) {
      history.pushState({ ...entry(), layers: this.#top + 1 }, '');
    }
  }

  /** The entry of an overlay is reused for the route opened from it. */
  #goFrom(from: string, path: string): void {
    const isOnTop = this.#top > 0;
    this.#options.closeDownTo(0);
    if (isOnTop) history.replaceState({ from }, '', path);
    else history.pushState({ from }, '', path);
    this.#top = 0;
  }

  #arrive(): void {
    const wasClosed = this.#top > this.#layers;
    this.#path.value = location.pathname;
    this.#top = entry().layers ?? 0;
    const closed = this.#top - this.#layers;
    if (wasClosed) {
      // The entry belongs to a closed overlay, which is not a visible step.
      history.back();
    } else if (closed > 0) {
      this.#top = this.#layers;
      history.go(-closed);
    } else {
      this.#options.closeDownTo(this.#top);
    }
  }
}

const entry = (): Entry => (history.state as Entry | null) ?? {};
