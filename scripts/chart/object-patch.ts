/**
 * The difference of two manifests as JSON 6902 operations, each as deep as it goes: `replace /spec/replicas` rather than
 * the whole object, so that a generated overlay reads like one that a person wrote. Lists of one length are compared item
 * by item, others are replaced.
 */
export interface Operation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

export function differences(from: unknown, to: unknown, path = ''): Operation[] {
  if (isRecord(from) && isRecord(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
    return keys.flatMap((key): Operation[] => {
      const place = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      if (!(key in to)) return [{ op: 'remove', path: place }];
      if (!(key in from)) return [{ op: 'add', path: place, value: to[key] }];
      return differences(from[key], to[key], place);
    });
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item, index) => differences(item, to[index], `${path}/${index}`));
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ op: 'replace', path, value: to }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
