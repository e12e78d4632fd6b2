import type { Tier, Tool, ToolFilter } from './tool.ts';

/**
 * Which tools a server has: `((methods and tags and only) or sensitive) without except`. An absent field does not
 * restrict. A sensitive tool comes in only by its exact name in `sensitive`, never by method, tag or wildcard, and that
 * list brings in nothing else. The order of the tools is kept.
 */
export function selectTools(tools: readonly Tool[], filter: ToolFilter): readonly Tool[] {
  const sensitive = new Set(filter.sensitive);
  return tools.filter((tool) => {
    const selected =
      tool.sensitive === undefined
        ? matchesMethods(tool, filter.methods) && matchesTags(tool, filter.tags) && matchesNames(tool, filter.only)
        : sensitive.has(tool.name);
    return selected && !(filter.except ?? []).some((pattern) => matchesPattern(tool.name, pattern));
  });
}

/** Tools that an account with credentials of these tiers can perform. */
export function availableTo(tools: readonly Tool[], tiers: Iterable<Tier>): readonly Tool[] {
  const held = new Set(tiers);
  return tools.filter((tool) => tool.tiers.some((tier) => held.has(tier)));
}

function matchesMethods(tool: Tool, methods: readonly string[] | undefined): boolean {
  return methods === undefined || methods.some((method) => matchesMethod(tool, method));
}

function matchesMethod(tool: Tool, method: string): boolean {
  switch (method) {
    case 'read':
      return tool.effect === 'read';
    case 'write':
      return tool.effect === 'write' && tool.class !== 'custom';
    case 'custom':
      return tool.effect === 'write' && tool.class === 'custom';
    default:
      return tool.class === method;
  }
}

function matchesTags(tool: Tool, tags: readonly string[] | undefined): boolean {
  return tags === undefined || tool.tags.some((tag) => tags.includes(tag));
}

function matchesNames(tool: Tool, patterns: readonly string[] | undefined): boolean {
  return patterns === undefined || patterns.some((pattern) => matchesPattern(tool.name, pattern));
}

/**
 * Whether `*`, which stands for any characters, makes `pattern` equal `name`. Takes the earliest place for each piece, so
 * it is linear where a regular expression of many wildcards would not be.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === pattern;
  if (!name.startsWith(first)) return false;
  let position = first.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, position);
    if (found === -1) return false;
    position = found + piece.length;
  }
  return name.length - last.length >= position && name.endsWith(last);
}
