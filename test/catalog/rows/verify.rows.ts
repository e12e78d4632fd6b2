import { type Rows, WEBSITE } from '../row.ts';

export const verify: Rows = {
  'website.getVerifySettings': { call: () => [WEBSITE] },
  'website.updateVerifySettings': { call: (body) => [WEBSITE, body] },
  'website.getVerifyKey': { call: () => [WEBSITE] },
  'website.rollVerifyKey': { call: () => [WEBSITE] },
};
