import type { KubernetesObject, ResourceType } from '../resources/object.ts';
import type { ListOptions, ObjectApi } from './object-api.ts';

const PAGE_SIZE = 500;

/** All objects of a kind, page by page; in one namespace, or in all when it is `undefined`. */
export async function* listPages<T extends KubernetesObject>(
  api: Pick<ObjectApi, 'list'>,
  type: ResourceType<T>,
  namespace: string | undefined,
  options: Omit<ListOptions, 'namespace' | 'limit' | 'continue'> = {},
): AsyncGenerator<readonly T[], void> {
  let next: string | undefined;
  do {
    const page = await api.list(type, {
      ...options,
      limit: PAGE_SIZE,
      ...(namespace === undefined ? {} : { namespace }),
      ...(next === undefined ? {} : { continue: next }),
    });
    yield page.items;
    next = page.continue;
  } while (next !== undefined && next !== '');
}
