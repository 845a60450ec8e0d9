type Route = { readonly parts: readonly string[]; readonly methods: readonly string[] };

const partsOf = (path: string): string[] => path.split('/');

const isParameter = (part: string): boolean => part.startsWith(':');

/** Which methods are known at which paths, so that a wrong method can be told from a wrong path. */
export class RouteTable {
  readonly #routes: Route[] = [];

  add(method: string | readonly string[], url: string): void {
    this.#routes.push({ parts: partsOf(url), methods: [method].flat() });
  }

  /** The methods that are known at a path; none if the path is not known. */
  methodsAt(path: string): string[] {
    const given = partsOf(path);
    const fitting = this.#routes.filter(
      ({ parts }) =>
        parts.length === given.length &&
        parts.every((part, at) => (isParameter(part) ? given[at] !== '' : part === given[at])),
    );
    return [...new Set(fitting.flatMap(({ methods }) => methods))].sort();
  }
}
