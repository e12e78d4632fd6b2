import { type Rows, WEBSITE } from '../row.ts';

export const website: Rows = {
  'website.checkWebsiteExists': { call: (a) => [a.domain] },
  'website.createWebsite': { call: (body) => [body] },
  'website.getWebsite': { call: () => [WEBSITE] },
  'website.deleteWebsite': { call: (a) => [WEBSITE, a.verify] },
  'website.abortWebsiteDeletion': { call: () => [WEBSITE] },
  'website.getWebsiteSettings': { call: () => [WEBSITE] },
  'website.updateWebsiteSettings': { call: (body) => [WEBSITE, body] },
  'website.getWebsiteAvailabilityStatus': { call: () => [WEBSITE] },
  'website.listWebsiteOperatorAvailabilities': { call: () => [WEBSITE] },
  'website.generateAnalytics': { call: (body) => [WEBSITE, body] },
  'website.getConnectEndpoints': { call: () => [WEBSITE] },
};
