import { type Rows, WEBSITE } from '../row.ts';

export const visitors: Rows = {
  'website.countVisitors': { call: () => [WEBSITE] },
  'website.listVisitors': { call: (a) => [WEBSITE, a.page_number] },
  'website.pinpointVisitorsOnMap': {
    call: (a) => [WEBSITE, a.center_longitude, a.center_latitude, a.center_radius],
  },
  'website.getSessionIdentifierFromToken': { call: (a) => [WEBSITE, a.token_id] },
  'website.countBlockedVisitors': { call: () => [WEBSITE] },
  'website.countBlockedVisitorsInRule': { call: (a) => [WEBSITE, a.rule] },
  'website.clearBlockedVisitorsInRule': { call: (a) => [WEBSITE, a.rule] },
};
