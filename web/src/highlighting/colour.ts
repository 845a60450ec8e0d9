import { lowlight } from './languages.ts';

/** A piece of code and its class: the first part of a scope of highlight.js, such as `keyword`. */
export type Token = { readonly text: string; readonly scope?: string };

type Node = ReturnType<typeof lowlight.highlight>['children'][number];

const scopeOf = (classes: unknown): string | undefined =>
  Array.isArray(classes) ? String(classes[0]).replace('hljs-', '') : undefined;

const tokensOf = (nodes: readonly Node[], scope?: string): Token[] =>
  nodes.flatMap((node) => {
    if (node.type === 'text') return [{ text: node.value, ...(scope !== undefined && { scope }) }];
    if (node.type !== 'element') return [];
    return tokensOf(node.children, scopeOf(node.properties.className) ?? scope);
  });

/** The tokens of the code, whose texts concatenate to it; undefined for an unknown language. */
export const coloured = (language: string, code: string): readonly Token[] | undefined => {
  if (!lowlight.registered(language)) return undefined;
  return tokensOf(lowlight.highlight(language, code).children);
};
