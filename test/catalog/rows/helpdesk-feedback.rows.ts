import { type Rows, WEBSITE } from '../row.ts';

export const helpdeskFeedback: Rows = {
  'website.mapHelpdeskLocaleFeedbackRatings': {
    call: (a) => [WEBSITE, a.locale, a.content_type, a.filter_date_start, a.filter_date_end],
  },
  'website.listHelpdeskLocaleFeedbacks': {
    call: (a) => [WEBSITE, a.locale, a.content_type, a.page_number, a.filter_date_start, a.filter_date_end],
  },
};
