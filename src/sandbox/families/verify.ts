import { z } from 'zod';
import { acted, resolved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Handlers } from '../handler.ts';

/** Identity verification of visitors and its secret key, which a gateway must redact. */
export const verify: Handlers = {
  'website.getVerifySettings': ({ website }) => resolved({ enabled: website.verify.enabled }),

  'website.updateVerifySettings': ({ website, body }) => {
    const { enabled } = parseBody(z.object({ enabled: z.boolean().optional() }), body);
    website.verify.enabled = enabled ?? website.verify.enabled;
    return updated();
  },

  'website.getVerifyKey': ({ website, state }) => {
    if (website.verify.secret === '') website.verify.secret = state.newSecret();
    return resolved({ secret: website.verify.secret });
  },

  'website.rollVerifyKey': ({ website, state }) => {
    website.verify.secret = state.newSecret();
    return acted();
  },
};
