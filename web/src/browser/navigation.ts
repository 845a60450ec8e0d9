import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { pathOf, type Route, routeOf } from '../state/route.ts';

/** What an entry of the browser's history says of itself. */
type Entry = {
  /** The path from which one came here within the page. */
  readonly from?: string;
  /** How many panes and dialogs lie on top. */
  readonly layers?: number;
};

export type NavigationOptions = {
  /** Closes panes and dialogs until no more than so many lie on top. */
  readonly closeDownTo: (layers: number) => void;
};

/**
 * The address line: where somebody is, and how they get elsewhere. Each pane or dialog that is opened has an entry in
 * the browser's history, so that Back closes it.
 */
export class Navigation {
  readonly route: ReadonlySignal<Route>;
  readonly #path = signal(location.pathname);
  readonly #options: NavigationOptions;
  /** How many panes and dialogs lie on top. */
  #layers = 0;
  /** For how many of them the entry is at which the browser stands: more, if some were closed but by Back. */
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

  /** To a place above this one: back to it if one came from there, else to it in place of this one. */
  up(route: Route): void {
    if (entry().from === pathOf(route)) history.back();
    else this.go(route, { replace: true });
  }

  /** Back to where one came from within the page, else home. */
  back(): void {
    if (entry().from !== undefined) history.back();
    else this.go({ at: 'home' }, { replace: true });
  }

  /** So many panes and dialogs lie on top now. */
  setLayers(layers: number): void {
    this.#layers = layers;
    for (; this.#top < layers; this.#top += 1) {
      history.pushState({ ...entry(), layers: this.#top + 1 }, '');
    }
  }

  /** The entry of something that lay on top is used for where one goes from it. */
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
      // What was left is of something that is closed: that was no step that the reader could see.
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
