type Route = { readonly parts: readonly string[]; readonly methods: readonly string[] };

const partsOf = (path: string): string[] => path.split('/');

const isParameter = (part: string): boolean => part.startsWith(':');

/** The methods of each path, so that a wrong method can be distinguished from a wrong path. */
export class RouteTable {
  readonly #routes: Route[] = [];

  add(method: string | readonly string[], url: string): void {
    this.#routes.push({ parts: partsOf(url), methods: [method].flat() });
  }

  /** The methods of a path; none if it is unknown. */
  methodsAt(path: string): string[] {
    const given = partsOf(path);
    const matching = this.#routes.filter(
      ({ parts }) =>
        parts.length === given.length &&
        parts.every((part, at) => (isParameter(part) ? given[at] !== '' : part === given[at])),
    );
    return [...new Set(matching.flatMap(({ methods }) => methods))].sort();
  }
}
