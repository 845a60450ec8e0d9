/** An element of an XML document; `text` is that of the element itself, without its children's. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
};

const allowed = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u;
const declaration = /^<\?xml version="1\.0" encoding="utf-8"\?>\s*/;
const name = '[A-Za-z_][\\w.-]*';
const value = '"[^"<]*"';
const token = new RegExp(
  `<(?<open>${name})(?<attributes>(?:\\s+${name}=${value})*)\\s*(?<empty>/?)>|</(?<close>${name})\\s*>|(?<text>[^<]+)`,
  'uy',
);
const known: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** Text as it is meant; throws at what is no reference and at what XML cannot hold. */
const meant = (text: string): string => {
  const found = text.replace(/&([^;&]*);|&/g, (reference, entity?: string) => {
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]+)|(\d+))$/.exec(entity ?? '') ?? [];
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    const sign = Number.isNaN(code) ? known[entity ?? ''] : String.fromCodePoint(code);
    if (sign === undefined) throw new Error(`no reference: ${reference}`);
    return sign;
  });
  if (text.includes(']]>') || !allowed.test(found)) throw new Error(`not allowed: ${text}`);
  return found;
};

const attributesOf = (text: string): Record<string, string> => {
  const attributes: Record<string, string> = {};
  for (const [, key = '', quoted = ''] of text.matchAll(new RegExp(`(${name})=(${value})`, 'gu'))) {
    if (key in attributes) throw new Error(`twice: ${key}`);
    attributes[key] = meant(quoted.slice(1, -1));
  }
  return attributes;
};

type Groups = Readonly<Record<string, string | undefined>>;

/** Takes one tag, or the text between two, into the innermost element that is open. */
const take = (path: XmlElement[], { open, attributes, empty, close, text = '' }: Groups): void => {
  const parent = path.at(-1);
  if (!parent) throw new Error('something follows the end');
  if (open !== undefined) {
    const held = attributesOf(attributes ?? '');
    const element: XmlElement = { name: open, attributes: held, children: [], text: '' };
    parent.children.push(element);
    if (empty === '') path.push(element);
  } else if (close === undefined) parent.text += meant(text);
  else if (path.pop()?.name !== close) throw new Error(`</${close}> closes nothing`);
};

/**
 * The root of an XML 1.0 document of elements and text alone; throws at anything that is not well-formed, and at
 * comments, sections and instructions.
 */
export const strictXml = (document: string): XmlElement => {
  const top: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const path = [top];
  const body = document.replace(declaration, '');
  token.lastIndex = 0;
  while (token.lastIndex < body.length) {
    const at = token.lastIndex;
    const groups = token.exec(body)?.groups;
    if (!groups) throw new Error(`no XML: ${body.slice(at, at + 80)}`);
    take(path, groups);
  }
  const [root, ...more] = top.children;
  if (!root || more.length > 0 || path.length > 1 || top.text.trim() !== '') {
    throw new Error('not one element, or one that is not closed');
  }
  return root;
};
