import { z } from 'zod';
import { type Answer, acted } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Handlers } from '../handler.ts';

/** Uploads and animated images. Their results come as events, which the sandbox has none of. */
export const files: Handlers = {
  'bucket.generateBucketURL': ({ body }) => {
    parseBody(Upload, body);
    return acted();
  },

  'media.listAnimationMedias': (): Answer => ({ status: 206, reason: 'listed', data: {} }),
};

const Upload = z.object({
  namespace: z.enum(['upload', 'avatar', 'website', 'campaign', 'helpdesk', 'status', 'processing']),
  id: z.string().min(1),
  file: z.object({ name: z.string().min(1), type: z.string().min(1) }),
  resource: z.object({ type: z.string().optional(), id: z.string().optional() }).optional(),
});
