import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same schema, in which no object has fields that are not described: what is said beside them is a lie. */
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed);
  if (!isObject(value)) return value;
  // What all of several schemas must fit is closed by the one that is whole: it is referred to.
  const parts = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === 'allOf' ? part : closed(part)]),
  );
  const isPlain = isObject(value.properties) && value.type === 'object';
  return isPlain && !('additionalProperties' in value)
    ? { ...parts, additionalProperties: false }
    : parts;
};

/** Says what is wrong with a value by a schema; undefined if nothing is. */
export type Judge = (value: unknown) => string | undefined;

/** Makes judges of the schemas of a document, whose references lead into it. */
export const judgesOf = (document: object) => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const components = closed((document as { components: unknown }).components);
  ajv.addSchema({ $id: 'doc', components });
  const compiled = new Map<object, ValidateFunction>();
  return (schema: object): Judge => {
    const text = JSON.stringify(closed(schema)).replaceAll('"$ref":"#/', '"$ref":"doc#/');
    const fits = compiled.get(schema) ?? ajv.compile(JSON.parse(text) as object);
    compiled.set(schema, fits);
    return (value) => (fits(value) ? undefined : ajv.errorsText(fits.errors));
  };
};

type Response = { readonly content?: Readonly<Record<string, { readonly schema: object }>> };
type OpenApi = {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly responses: Readonly<Record<string, Response>> }>>
    >
  >;
};

/** An answer over HTTP, as far as a description speaks of it. */
export type Answered = {
  readonly request: string;
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
};

/** Holds answers against `/openapi.json`, and remembers which routes have answered well. */
export const httpJudge = (document: object) => {
  const { paths } = document as OpenApi;
  const judgeOf = judgesOf(document);
  const routes = Object.entries(paths)
    .map(([path, operations]) => {
      const source = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '[^/]+');
      return { path, operations, pattern: new RegExp(`^${source}$`) };
    })
    .sort((a, b) => a.path.split('{').length - b.path.split('{').length);
  const seen = new Set<string>();

  const responseTo = ({ request, status }: Answered): Response | undefined => {
    const [method = '', url = ''] = request.split(' ');
    const asked = url.split('?', 1).join('');
    const name = method.toLowerCase();
    const route = routes.find((each) => each.pattern.test(asked) && name in each.operations);
    if (route && status < 300) seen.add(`${method} ${route.path}`);
    return route?.operations[name]?.responses[status];
  };

  const judge = (answer: Answered): string | undefined => {
    const { request, status, mediaType, text } = answer;
    const said = `${request}: ${status} ${mediaType} ${text}`;
    const response = responseTo(answer);
    if (!response) return `${said}: not described`;
    if (!response.content) return text === '' ? undefined : `${said}: no body is described`;
    const schema = response.content[mediaType]?.schema;
    if (!schema) return `${said}: another type is described`;
    const wrong = mediaType.endsWith('json') ? judgeOf(schema)(JSON.parse(text)) : undefined;
    return wrong && `${said}: ${wrong}`;
  };
  return { judge, seen };
};

type AsyncApi = {
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: Json }>> };
};

const tOf = (payload: Json): unknown => {
  const choice = (payload.anyOf as Json[] | undefined)?.[0] ?? payload;
  return ((choice.properties as Json | undefined)?.t as Json | undefined)?.const;
};

/** Holds frames from the server against `/asyncapi.json`; answers by the request that they answer. */
export const frameJudge = (document: object) => {
  const { messages } = (document as AsyncApi).components;
  const judgeOf = judgesOf(document);
  return (frame: { readonly t: string }, answers?: string): string | undefined => {
    const name = answers !== undefined && `ok.${answers}` in messages ? `ok.${answers}` : frame.t;
    const payload = messages[frame.t === 'ok' ? name : frame.t]?.payload;
    if (!payload || tOf(payload) !== frame.t) return `${frame.t} is not described`;
    const wrong = judgeOf(payload)(frame);
    return wrong && `${name}: ${wrong}: ${JSON.stringify(frame)}`;
  };
};
