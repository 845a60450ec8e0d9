type Schema = {
  readonly type?: string;
  readonly title?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
};

const objectText = ({ properties = {}, required = [], patternProperties }: Schema): string => {
  const [values] = Object.values(patternProperties ?? {});
  if (values) return `{ [key]: ${formText(values)} }`;
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${name}${required.includes(name) ? '' : '?'}: ${formText(schema)}`,
  );
  return fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}';
};

/** A schema in short notation, `{ id: string, n: integer, topic?: string | null }`; a titled one by its title. */
export const formText = (form: object, isWhole = false): string => {
  const schema = form as Schema;
  if (schema.title !== undefined && !isWhole) return schema.title;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return [...new Set(schema.anyOf.map((each) => formText(each)))].join(' | ');
  if (schema.type === 'array') return `[${formText(schema.items ?? {})}]`;
  if (schema.type === 'object') return objectText(schema);
  return schema.type ?? 'JSON';
};
