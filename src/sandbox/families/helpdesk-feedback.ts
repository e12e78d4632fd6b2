import { page, resolved } from '../answer.ts';
import type { Call, Handlers } from '../handler.ts';
import { HELPFUL, UNHELPFUL } from '../inferred.ts';
import { isFields } from '../merge.ts';
import { pageOf, withinDates } from '../query.ts';
import type { HelpdeskFeedback } from '../website.ts';
import { findPart } from './helpdesk-locales.ts';

/** What readers of the helpdesk say of its articles. */
export const helpdeskFeedback: Handlers = {
  'website.mapHelpdeskLocaleFeedbackRatings': (call) => {
    const found = feedbacks(call);
    const count = (wanted: string) => found.filter(({ rating }) => rating === wanted).length;
    return resolved({ ratings: { helpful: count(HELPFUL), unhelpful: count(UNHELPFUL) } });
  },
  'website.listHelpdeskLocaleFeedbacks': (call) =>
    page(pageOf(call, feedbacks(call)).map((feedback) => feedbackView(call, feedback))),
};

function feedbacks(call: Call): readonly HelpdeskFeedback[] {
  const { locale, contentType } = findPart(call);
  const within = withinDates(call.query);
  return call.website.helpdesk.feedbacks.filter(
    (feedback) => feedback.locale === locale && feedback.contentType === contentType && within(feedback.created_at),
  );
}

function feedbackView(call: Call, { rating, comment, article, session_id, created_at }: HelpdeskFeedback) {
  const conversation = call.website.conversations.get(session_id);
  const { nickname = '', email = '', avatar = '', device } = conversation?.meta ?? {};
  const geolocation = isFields(device) ? device.geolocation : {};
  const { assigned } = conversation ?? {};
  const session = { session_id, nickname, email, avatar, geolocation, ...(assigned ? { assigned } : {}) };
  return { rating, comment, article, session, created_at };
}
