/** What a promise brings, or what `late` gives or throws if that takes longer than so many ms. */
export const withinMs = <T>(promise: Promise<T>, ms: number, late: () => T): Promise<T> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      try {
        resolve(late());
      } catch (error) {
        reject(error);
      }
    }, ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
