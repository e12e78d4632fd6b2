import { dateTime } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** What readers of the helpdesk say of its articles. */
const period = { filter_date_start: dateTime('From'), filter_date_end: dateTime('Until') };

export const helpdeskFeedback: Family = {
  tags: ['helpdesk', 'analytics'],
  operations: [
    {
      id: 'website.mapHelpdeskLocaleFeedbackRatings',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/feedback/ratings/{locale}/{content_type}',
      tiers: TIERS.open,
      query: period,
      tool: {
        name: 'crisp_helpdesk_feedback_ratings',
        title: 'Count ratings of helpdesk articles',
        description: 'Counts how often readers found articles of one locale helpful and unhelpful.',
        class: 'custom',
      },
    },
    {
      id: 'website.listHelpdeskLocaleFeedbacks',
      method: 'GET',
      path: '/website/{website_id}/helpdesk/feedback/list/{locale}/{content_type}/{page_number}',
      tiers: TIERS.open,
      query: period,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_helpdesk_feedbacks',
        title: 'List feedback on helpdesk articles',
        description: 'Lists what readers said of articles of one locale: rating, comment, article, session_id, time.',
        class: 'list',
      },
    },
  ],
};
