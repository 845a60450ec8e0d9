import type * as Type from 'typebox';
import { withNumbers } from '../../store/times.ts';
import type { Projection } from '../projection.ts';

/**
 * A model whose times are dates since this version, where the store has dates. The version before is the same with
 * numbers, and is read while this one is built; without it, nobody could upgrade from there without interruption.
 */
export const dated = (definition: Projection & { readonly schema: Type.TSchema }): Projection => {
  const { version, schema } = definition;
  const earlier = { ...definition, version: version - 1, schema: withNumbers(schema) };
  return { ...definition, earlier, hasOnlyDatesNew: true };
};
