import { type Http, wholeList } from '../../client/http.ts';
import type { CircleEntry, Stream } from '../../client/objects.ts';
import { isolate } from '../../text/direction.ts';
import { fold } from '../../text/fold.ts';

type Named = { readonly id: string; readonly name: string };

/** A circle in a list; a direct conversation is named `@<username>`. */
export type ListedCircle = Pick<CircleEntry, 'id' | 'kind' | 'name' | 'visibility'>;

export type FoundStream = { readonly circle: ListedCircle; readonly stream: Stream };

const listed = ({ id, kind, name, visibility, with: other }: CircleEntry): ListedCircle => ({
  id,
  kind,
  visibility,
  name: kind === 'direct' ? `@${other?.username ?? ''}` : name,
});

/** The user's circles and direct conversations. */
export const myCircles = async (http: Http): Promise<ListedCircle[]> => {
  const circles = await wholeList((page) => http.circles(page), 'circles');
  const directs = await wholeList((page) => http.directs(page), 'circles');
  return [...circles, ...directs].map(listed);
};

/** Finds things by id, or else by name, or else by a prefix of either. */
export const named = <Thing extends Named>(things: readonly Thing[], word: string): Thing[] => {
  const sought = fold(word);
  if (sought === '') return [];
  const ways: readonly ((thing: Named) => boolean)[] = [
    ({ id }) => id === sought,
    ({ name }) => fold(name) === sought,
    ({ id, name }) => id.startsWith(sought) || fold(name).startsWith(sought),
  ];
  for (const matches of ways) {
    const found = things.filter(matches);
    if (found.length > 0) return found;
  }
  return [];
};

/** Returns the only match; throws if there are none or several. */
const only = <Thing>(found: readonly Thing[], word: string, textOf: (thing: Thing) => string) => {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) {
    throw new Error(
      `no circle or stream matches “${word}”; oshi chat circles and oshi chat streams list them`,
    );
  }
  throw new Error(
    `“${word}” is ambiguous: ${found.map(textOf).join(', or ')}; give more of the name or the id`,
  );
};

const titleOf = ({ id, name }: Named): string => `“${isolate(name)}” ${id}`;

/** Finds one of the user's circles. Rejects if there are no or several matches. */
export const findCircle = async (http: Http, word: string): Promise<ListedCircle> =>
  only(named(await myCircles(http), word), word, titleOf);

/** All ways to split `<circle>/<stream>`: names may contain slashes. */
const splits = (word: string): (readonly [circle: string, stream: string | undefined])[] => {
  const parts = word.split('/');
  return parts.map((_, index) => {
    const count = index + 1;
    const stream = count === parts.length ? undefined : parts.slice(count).join('/');
    return [parts.slice(0, count).join('/'), stream];
  });
};

/** Finds a stream by `<circle>/<stream>`; for a circle alone its first one. */
export const findStream = async (http: Http, word: string): Promise<FoundStream> => {
  const circles = await myCircles(http);
  const found = new Map<string, FoundStream>();
  for (const [circleWord, streamWord] of splits(word)) {
    for (const circle of named(circles, circleWord)) {
      const { streams = [] } = await http.circle(circle.id);
      const meant =
        streamWord === undefined
          ? streams.filter(({ id }) => id === circle.id)
          : named(streams, streamWord);
      for (const stream of meant) found.set(stream.s, { circle, stream });
    }
  }
  return only(
    [...found.values()],
    word,
    ({ circle, stream }) => `“${isolate(circle.name)}/${isolate(stream.name)}” ${stream.s}`,
  );
};
