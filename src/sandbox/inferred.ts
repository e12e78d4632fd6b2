/**
 * Everything the sandbox had to choose because Crisp's public documentation does not say it. Each is one named constant:
 * a later check against the real service changes one line here and nothing else. What is documented or observed stands
 * where it is used.
 */
export interface RefusalCode {
  readonly status: number;
  readonly reason: string;
}

/** Which status and reason stand for these situations was not found. */
export const WRONG_TIER_FOR_TOKEN: RefusalCode = { status: 401, reason: 'invalid_session' };
export const OTHER_WEBSITE_OF_WEBSITE_TOKEN: RefusalCode = { status: 403, reason: 'not_allowed' };
export const WRONG_VERB: RefusalCode = { status: 405, reason: 'method_not_allowed' };
export const BODY_TOO_LARGE: RefusalCode = { status: 413, reason: 'invalid_data' };
export const CONVERSATION_NOT_FOUND: RefusalCode = { status: 404, reason: 'session_not_found' };
export const MESSAGE_NOT_FOUND: RefusalCode = { status: 404, reason: 'message_not_found' };
export const PEOPLE_NOT_FOUND: RefusalCode = { status: 404, reason: 'people_not_found' };
export const PEOPLE_EXISTS: RefusalCode = { status: 409, reason: 'people_exists' };
export const OPERATOR_NOT_FOUND: RefusalCode = { status: 404, reason: 'operator_not_found' };
export const LAST_OPERATOR: RefusalCode = { status: 403, reason: 'not_allowed' };
export const ORIGINAL_NOT_FOUND: RefusalCode = { status: 404, reason: 'original_not_found' };
export const BROWSING_NOT_FOUND: RefusalCode = { status: 404, reason: 'browsing_not_found' };
export const CALL_NOT_FOUND: RefusalCode = { status: 404, reason: 'call_not_found' };
export const CALL_ONGOING: RefusalCode = { status: 409, reason: 'call_ongoing' };
/** That a call and co-browsing need the visitor online is known; how Crisp says so is not. */
export const VISITOR_OFFLINE: RefusalCode = { status: 409, reason: 'visitor_offline' };
export const VERIFICATION_NOT_FOUND: RefusalCode = { status: 404, reason: 'verification_not_found' };
export const SPAM_NOT_FOUND: RefusalCode = { status: 404, reason: 'spam_not_found' };
export const VISITOR_TOKEN_NOT_FOUND: RefusalCode = { status: 404, reason: 'token_not_found' };
export const TEAM_NOT_FOUND: RefusalCode = { status: 404, reason: 'team_not_found' };
export const INBOX_NOT_FOUND: RefusalCode = { status: 404, reason: 'inbox_not_found' };
export const CAMPAIGN_NOT_FOUND: RefusalCode = { status: 404, reason: 'campaign_not_found' };
export const CAMPAIGN_NOT_READY: RefusalCode = { status: 409, reason: 'campaign_not_ready' };
export const CAMPAIGN_NOT_DISPATCHED: RefusalCode = { status: 409, reason: 'campaign_not_dispatched' };
export const CAMPAIGN_ALREADY_DISPATCHED: RefusalCode = { status: 409, reason: 'campaign_already_dispatched' };
export const TEMPLATE_NOT_FOUND: RefusalCode = { status: 404, reason: 'template_not_found' };
export const HELPDESK_NOT_FOUND: RefusalCode = { status: 404, reason: 'helpdesk_not_found' };
export const HELPDESK_EXISTS: RefusalCode = { status: 409, reason: 'helpdesk_exists' };
export const HELPDESK_LOCALE_NOT_FOUND: RefusalCode = { status: 404, reason: 'locale_not_found' };
export const TREE_PATH_NOT_FOUND: RefusalCode = { status: 404, reason: 'path_not_found' };
export const TREE_PATH_EXISTS: RefusalCode = { status: 409, reason: 'path_exists' };
export const PAGE_NOT_PUBLISHED: RefusalCode = { status: 404, reason: 'page_not_found' };
export const CHANGE_NOT_FOUND: RefusalCode = { status: 404, reason: 'change_not_found' };
export const REDIRECTION_NOT_FOUND: RefusalCode = { status: 404, reason: 'redirection_not_found' };
export const SUGGESTION_NOT_FOUND: RefusalCode = { status: 404, reason: 'suggestion_not_found' };
export const PLAN_NOT_FOUND: RefusalCode = { status: 404, reason: 'subscription_not_found' };
export const PLUGIN_NOT_FOUND: RefusalCode = { status: 404, reason: 'subscription_not_found' };
export const PLUGIN_EXISTS: RefusalCode = { status: 409, reason: 'subscription_exists' };
export const COUPON_NOT_FOUND: RefusalCode = { status: 404, reason: 'coupon_not_found' };
export const COUPON_REDEEMED: RefusalCode = { status: 409, reason: 'coupon_already_redeemed' };
export const NO_DELETION_SCHEDULED: RefusalCode = { status: 404, reason: 'not_found' };
/** The reason is documented, its status is not. */
export const LEGACY_HELPDESK_WRITE: RefusalCode = { status: 403, reason: 'website_cannot_write_to_legacy_helpdesk' };
/** Presumed; 423 `quota_limit_exceeded` is documented on routes, but not for the daily quota of a token. */
export const DAILY_QUOTA_EXHAUSTED: RefusalCode = { status: 429, reason: 'quota_limit_exceeded' };

/** Reason of a successful PUT and of a POST that acts rather than creates. */
export const PUT_REASON = 'updated';
export const ACTION_REASON = 'updated';

/** The one coupon of the sandbox. */
export const COUPON = { code: 'ACME-20', policy: { rebate_percent: 20, trial_days: 0 }, redeem_limit: 1 };
/** Units in which analytics split a period. */
export const ANALYTICS_SPLITS = ['hour', 'day', 'week', 'month'] as const;
export const MOST_ANALYTICS_PERIODS = 1000;
/** How long a proof of provenance is valid. */
export const PROVENANCE_MS = 60_000;

/** "A few days". */
export const WEBSITE_DELETION_DELAY_MS = 3 * 24 * 3_600_000;
/** How long a one-shot campaign takes to send. */
export const CAMPAIGN_SENDING_MS = 60_000;

export const MESSAGES_PER_BATCH = 50;
export const LONGEST_SEARCH_QUERY = 256;
export const LARGEST_BODY_BYTES = 1_000_000;
/** Documented for conversations: 10,000 or more are refused. */
export const MOST_MESSAGES = 10_000;

/** Which state a message moves its conversation to was not found. */
export const STATE_AFTER_VISITOR_MESSAGE = 'pending';
export const STATE_AFTER_OPERATOR_MESSAGE = 'unresolved';
/** Whether a repeated fingerprint is refused was not found; here the second message is answered and not stored. */
export const REPEATED_FINGERPRINT_IS_IGNORED = true;
/** What becomes of a message of a blocked visitor. */
export const BLOCKED_VISITOR_MESSAGE_IS_DROPPED = true;

/** Ends a co-browsing session: the opposite of `start`, which is all that is known. */
export const BROWSING_STOP = 'stop';
/** What may be decided on a spam: `reject` is in an official example, its opposite is presumed. */
export const SPAM_REJECTED = 'reject';
export const SPAM_ACCEPTED = 'accept';
/** How an identity is verified when the request does not say. */
export const VERIFICATION_METHOD = 'link';
/** Whether names in a batch that nobody has are passed over; otherwise the whole batch would be refused. */
export const BATCH_SKIPS_UNKNOWN_NAMES = true;
/** Whether a batch of segments replaces those there or adds to them was not found. */
export const BATCH_REPLACES_SEGMENTS = true;
/** Rules by which visitors are blocked; their names were not found. */
export const BLOCKING_RULES = ['blocked_countries', 'blocked_ips'] as const;
/** Unit of the radius of the visitors' map: one kilometre. */
export const MAP_RADIUS_UNIT_KILOMETRES = 1;
/** How often and how long a widget is asked for its answer. */
export const WIDGET_STRATEGY = { attempts: 3, exhaustion: 10_000 } as const;

/** Tree node types; `statistics` of a locale counts `entries` and `groups`. */
export const TREE_GROUP = 'group';
export const TREE_ENTRY = 'entry';
/** Values of `action` in an update of a tree path. */
export const TREE_ACTIONS = ['move', 'order'] as const;
export const TREE_FORMAT = 'markdown';

/** Ratings that a feedback carries: from the names in the counts of ratings. */
export const HELPFUL = 'helpful';
export const UNHELPFUL = 'unhelpful';
/** Where Crisp hosts helpdesks that have no domain of their own. */
export const HELPDESK_ROOT_DOMAIN = 'crisp.help';
/** Who may read a helpdesk, as `access.restrict_mode` of its settings. */
export const HELPDESK_IS_PUBLIC = 'public';

/** Default order of the conversation list. */
export const DEFAULT_CONVERSATION_ORDER = 'updated_at';
export const OPERATOR_LIST_TYPE = 'operator';
