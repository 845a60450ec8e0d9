/** The resources that a part has acquired: released in reverse order, each once. */
export class Resources {
  readonly #releases: (() => unknown)[] = [];

  /** Registers how to release a resource, and returns the resource. */
  add<T>(resource: T, release: (resource: T) => unknown): T {
    this.#releases.push(() => release(resource));
    return resource;
  }

  /** Releases everything, even if some of it fails; then rejects with the first error. */
  async release(): Promise<void> {
    const errors: unknown[] = [];
    for (let next = this.#releases.pop(); next; next = this.#releases.pop()) {
      try {
        await next();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/**
 * Runs a function that acquires resources; if it fails, releases those that it has acquired, and rejects with its
 * error.
 */
export const acquiring = async <T>(acquire: (resources: Resources) => Promise<T>): Promise<T> => {
  const resources = new Resources();
  try {
    return await acquire(resources);
  } catch (error) {
    await resources.release().catch(() => undefined);
    throw error;
  }
};
