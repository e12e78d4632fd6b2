import { registerHooks } from 'node:module';
import type { Mutant } from './mutant.ts';

/** Makes this thread load the mutant instead of the source. Call before anything of `src/` is imported. */
export function loadMutant({ file, find, replace }: Mutant): void {
  const url = new URL(`../../src/${file}`, import.meta.url).href;
  registerHooks({
    load(requested, context, next) {
      const loaded = next(requested, context);
      if (requested !== url) return loaded;
      return { ...loaded, source: mutate(String(loaded.source), { find, replace }) };
    },
  });
}

export function mutate(source: string, { find, replace }: Pick<Mutant, 'find' | 'replace'>): string {
  const places = source.split(find).length - 1;
  if (places !== 1) throw new Error(`The text to replace stands ${places} times in the source, not once:\n${find}`);
  return source.replace(find, () => replace);
}
