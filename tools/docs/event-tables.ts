import type { AggregateKind } from '../../src/events/aggregate.ts';
import { type EventKind, kindsOf, versionOf } from '../../src/events/kinds/kinds.ts';

/** What of JSON Schema the schemas of events use. */
type Schema = {
  readonly type?: string;
  readonly const?: string;
  readonly minLength?: number;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly 'x-personal'?: boolean;
};

const typeOf = ({ type, const: only, anyOf, items, minLength }: Schema): string => {
  if (only !== undefined) return `"${only}"`;
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (items) return `list of ${typeOf(items)}`;
  if (type === 'string') return minLength === 36 ? 'id' : 'text';
  return type ?? 'JSON';
};

const isPersonal = (schema: Schema): boolean =>
  schema['x-personal'] === true || (schema.anyOf ?? []).some(isPersonal);

const rowOf = (kind: EventKind, schema: Schema): string => {
  const { properties = {}, required = [], description } = schema;
  const all = Object.entries(properties);
  const fields = all.map(
    ([name, each]) => `\`${name}${required.includes(name) ? '' : '?'}\` ${typeOf(each)}`,
  );
  const personal = all.flatMap(([name, each]) => (isPersonal(each) ? `\`${name}\`` : []));
  const meanings = all.flatMap(([name, each]) =>
    each.description === undefined ? [] : `\`${name}\`: ${each.description}`,
  );
  const meaning = [...(description === undefined ? [] : [description]), ...meanings].join('; ');
  const cells = [`\`${kind}\``, `${versionOf(kind)}`, fields.join(', '), personal.join(', ')];
  return `|${[...cells, meaning].map((cell) => (cell === '' ? ' ' : ` ${cell} `)).join('|')}|`;
};

const tableOf = (aggregate: AggregateKind): string =>
  [
    '| kind | v | fields | personal | meaning |',
    '|---|---|---|---|---|',
    ...Object.entries(kindsOf[aggregate]).map(([kind, schema]) =>
      rowOf(kind as EventKind, schema as Schema),
    ),
  ].join('\n');

/** The page with its tables of events as the schemas have them, each between its two marks. */
export const withEventTables = (page: string): string =>
  page.replace(
    /(?<=<!-- events of a (\w+), by npm run docs -->\n).*?(?=\n<!-- end -->)/gs,
    (_, aggregate: AggregateKind) => tableOf(aggregate),
  );
