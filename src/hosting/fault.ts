import { closest } from 'fastest-levenshtein';
import { type EventKind, isKnownKind, kindsOf } from '../events/kinds/kinds.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** Describes what is wrong with a projection, external or not, and what to do; undefined if nothing is. */
export const faultOf = (value: unknown): string | undefined => {
  if (!isObject(value)) {
    return 'it exports no projection: export { name, version, indexes, on } as "projection"';
  }
  const { name, version } = value;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name)) {
    const given = name === undefined ? 'it has no name' : `its name is ${shown(name)}`;
    return `${given}: name it with lower-case letters, digits and "-", a letter first`;
  }
  if (!Number.isSafeInteger(version) || Number(version) < 1) {
    const given = version === undefined ? 'it has no version' : `its version is ${shown(version)}`;
    return `"${name}": ${given}; give it a whole number, 1 at first`;
  }
  const fault = 'open' in value ? externalFault(value) : handlersFault(value);
  return fault === undefined ? undefined : `"${name}": ${fault}`;
};

const externalFault = ({ open, kinds, on }: Fields): string | undefined => {
  if (on !== undefined) {
    return 'it has both "on" and "open": keep "on" for rows in Oshi\'s store, or "open" for rows elsewhere';
  }
  if (typeof open !== 'function') return '"open" is no function: it gives where the rows are kept';
  if (kinds === undefined) return undefined;
  if (!Array.isArray(kinds)) return '"kinds" is no list of kinds of events';
  for (const kind of kinds) {
    const fault = kindFault(String(kind), '"kinds"');
    if (fault !== undefined) return fault;
  }
  return undefined;
};

const handlersFault = ({ on, indexes }: Fields): string | undefined => {
  if (!isObject(on) || Array.isArray(on)) {
    return 'it has no "on": give it a function for each kind of event that matters, or "open" for rows elsewhere';
  }
  for (const [kind, handler] of Object.entries(on)) {
    const fault = kindFault(kind, '"on"');
    if (fault !== undefined) return fault;
    if (typeof handler !== 'function')
      return `"on" has for ${kind} ${shown(handler)}, which is not a function`;
  }
  if (!Array.isArray(indexes)) return 'it has no list "indexes": [] if nothing is looked for';
  const index = indexes.find((each) => !isIndex(each));
  return index === undefined
    ? undefined
    : `${shown(index)} is not an index: give each field 1 (ascending) or -1 (descending)`;
};

const isIndex = (index: unknown): boolean =>
  isObject(index) &&
  Object.keys(index).length > 0 &&
  Object.values(index).every((direction) => direction === 1 || direction === -1);

/** Kinds in the event log: connections have a log of their own. */
const projectedKinds = Object.entries(kindsOf).flatMap(([aggregate, kinds]) =>
  aggregate === 'connection' ? [] : (Object.keys(kinds) as EventKind[]),
);

const kindFault = (kind: string, where: string): string | undefined => {
  if (projectedKinds.some((known) => known === kind)) return undefined;
  if (isKnownKind(kind)) {
    return `${where} names ${kind}: the log of connections is kept for 30 days, so it cannot be projected`;
  }
  const meant = closest(kind, projectedKinds);
  return `${where} names ${shown(kind)}, which is not a kind of event; did you mean ${meant}?`;
};

const shown = (value: unknown): string =>
  typeof value === 'function'
    ? 'a function'
    : (JSON.stringify(value) ?? String(value)).slice(0, 80);
