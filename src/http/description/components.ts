type Json = { readonly [key: string]: unknown };

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/**
 * Gathers the schemas that have a title, each once, and puts references in their place: what is called `User`
 * stands in `schemas.User`. Two different schemas of one title are a fault of the program.
 */
export const createComponents = () => {
  const schemas: { [name: string]: unknown } = {};

  const hoisted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(hoisted);
    if (!isObject(value)) return value;
    // A form is for programs: the server checks it in its own words.
    const { title, 'x-form': form, ...plain } = value;
    const rest = { ...plain, ...(form as Json | undefined) };
    const schema = Object.fromEntries(
      Object.entries(rest).map(([key, part]) => [key, hoisted(part)]),
    );
    if (typeof title !== 'string')
      return simplified({ ...schema, ...('title' in value && { title: hoisted(title) }) });
    const known = JSON.stringify(schemas[title]);
    if (known !== undefined && known !== JSON.stringify(schema)) {
      throw new Error(`two schemas are called ${title}`);
    }
    schemas[title] = schema;
    return { $ref: `#/components/schemas/${title}` };
  };

  return {
    schemas,
    /** A schema as plain JSON, with references to what has a title. */
    reference: (schema: object): unknown => hoisted(JSON.parse(JSON.stringify(schema))),
  };
};

export type Components = ReturnType<typeof createComponents>;

/** A choice of texts as the `enum` that people write. */
const simplified = (schema: Json): Json => {
  const { anyOf, ...rest } = schema;
  if (!Array.isArray(anyOf) || !anyOf.every((each) => isObject(each) && 'const' in each)) {
    return schema;
  }
  return { ...rest, type: 'string', enum: anyOf.map((each: Json) => each.const) };
};
