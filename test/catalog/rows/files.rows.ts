import type { Rows } from '../row.ts';

export const files: Rows = {
  'bucket.generateBucketURL': { call: (body) => [body] },
  'media.listAnimationMedias': { call: (a) => [a.page_number, a.list_id, a.search_query] },
};
