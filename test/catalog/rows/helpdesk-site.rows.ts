import { type Rows, WEBSITE } from '../row.ts';

export const helpdeskSite: Rows = {
  'website.checkHelpdeskExists': { call: () => [WEBSITE] },
  'website.resolveHelpdesk': { call: () => [WEBSITE] },
  'website.initializeHelpdesk': { call: (a) => [WEBSITE, a.name, a.domain_basic] },
  'website.deleteHelpdesk': { call: (a) => [WEBSITE, a.verify] },
  'website.resolveHelpdeskSettings': { call: () => [WEBSITE] },
  'website.saveHelpdeskSettings': { call: (body) => [WEBSITE, body] },
  'website.resolveHelpdeskDomain': { call: () => [WEBSITE] },
  'website.requestHelpdeskDomainChange': { call: (a) => [WEBSITE, a.basic, a.custom] },
  'website.generateHelpdeskDomainSetupFlow': { call: (a) => [WEBSITE, a.custom] },
};
