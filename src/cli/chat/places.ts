import { every, type Http } from '../../client/http.ts';
import type { CircleEntry, Stream } from '../../client/objects.ts';
import { isolate } from '../../text/direction.ts';
import { fold } from '../../text/fold.ts';

/** Something that has an id and a name. */
type Named = { readonly id: string; readonly name: string };

/** A circle as it stands in a list; a direct conversation is called `@<username>`. */
export type ListedCircle = Pick<CircleEntry, 'id' | 'kind' | 'name' | 'visibility'>;

/** A stream, and the circle that it is in. */
export type FoundStream = { readonly circle: ListedCircle; readonly stream: Stream };

const listed = ({ id, kind, name, visibility, with: other }: CircleEntry): ListedCircle => ({
  id,
  kind,
  visibility,
  name: kind === 'direct' ? `@${other?.username ?? ''}` : name,
});

/** The circles and direct conversations that one is in. */
export const myCircles = async (http: Http): Promise<ListedCircle[]> => {
  const found: ListedCircle[] = [];
  for await (const entry of every((page) => http.circles(page), 'circles')) {
    found.push(listed(entry));
  }
  for await (const entry of every((page) => http.directs(page), 'circles')) {
    found.push(listed(entry));
  }
  return found;
};

/** What a word names: by its id, else by its name, else by how either begins. */
export const named = <Thing extends Named>(things: readonly Thing[], word: string): Thing[] => {
  const sought = fold(word);
  if (sought === '') return [];
  const ways: readonly ((thing: Named) => boolean)[] = [
    ({ id }) => id === sought,
    ({ name }) => fold(name) === sought,
    ({ id, name }) => id.startsWith(sought) || fold(name).startsWith(sought),
  ];
  for (const fits of ways) {
    const found = things.filter(fits);
    if (found.length > 0) return found;
  }
  return [];
};

/** The only one of these; throws one line if there is none, or more than one. */
const only = <Thing>(found: readonly Thing[], word: string, textOf: (thing: Thing) => string) => {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) {
    throw new Error(
      `you are in nothing that is called “${word}”; oshi chat circles and oshi chat streams list what there is`,
    );
  }
  throw new Error(
    `“${word}” may be ${found.map(textOf).join(', or ')}; give more of the name or the id`,
  );
};

const titleOf = ({ id, name }: Named): string => `“${isolate(name)}” ${id}`;

/** The circle of the user's that a word names. Rejects with one line if it names none, or several. */
export const findCircle = async (http: Http, word: string): Promise<ListedCircle> =>
  only(named(await myCircles(http), word), word, titleOf);

/** The two parts of `<circle>/<stream>`, in all ways: names may hold a slash, too. */
const splits = (word: string): (readonly [circle: string, stream: string | undefined])[] => {
  const parts = word.split('/');
  return parts.map((_, index) => {
    const count = index + 1;
    const stream = count === parts.length ? undefined : parts.slice(count).join('/');
    return [parts.slice(0, count).join('/'), stream];
  });
};

/** The stream that `<circle>` or `<circle>/<stream>` names; of a circle alone its first one. */
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
