import { type CatalogEntry, compositeEntry, operationEntry } from './entry.ts';
import { FAMILIES } from './operations/index.ts';
import type { Tool } from './tool.ts';

/** Every tool of this program, by name. Built once when the module loads; order and contents never change. */
export const ENTRIES: readonly CatalogEntry[] = FAMILIES.flatMap((family) => [
  ...family.operations.flatMap((operation) => operationEntry(family, operation) ?? []),
  ...(family.composites ?? []).map((composite) => compositeEntry(family, composite)),
]).sort((a, b) => (a.tool.name < b.tool.name ? -1 : 1));

const BY_NAME: ReadonlyMap<string, CatalogEntry> = new Map(ENTRIES.map((entry) => [entry.tool.name, entry]));

export const ALL_TOOLS: readonly Tool[] = ENTRIES.map((entry) => entry.tool);

export function findTool(name: string): Tool | undefined {
  return BY_NAME.get(name)?.tool;
}

/** A tool with what it takes to perform it. */
export function findEntry(name: string): CatalogEntry | undefined {
  return BY_NAME.get(name);
}
