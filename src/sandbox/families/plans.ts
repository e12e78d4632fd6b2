import { z } from 'zod';
import { acted, deleted, listed, Refusal, resolved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import type { Call, Handlers } from '../handler.ts';
import { COUPON, COUPON_NOT_FOUND, COUPON_REDEEMED, PLAN_NOT_FOUND } from '../inferred.ts';
import type { Plan, Website } from '../website.ts';

/** The Crisp plan of a website and its coupons. */
export const plans: Handlers = {
  'plan.listAllActiveSubscriptions': ({ state }) =>
    listed(
      [...state.websites.values()].flatMap((website) =>
        website.plan === undefined ? [] : [view(website, website.plan)],
      ),
    ),

  'plan.getPlanSubscriptionForWebsite': (call) => resolved(view(call.website, planOf(call))),

  'plan.subscribeWebsiteToPlan': ({ website, body, now }) => {
    const { plan_id } = parseBody(z.object({ plan_id: z.string().min(1) }), body);
    website.plan = { plan_id, name: 'Another plan', since: now, bill_period: 'monthly' };
    return acted();
  },

  'plan.unsubscribePlanFromWebsite': (call) => {
    planOf(call);
    call.website.plan = undefined;
    return deleted();
  },

  'plan.changeBillPeriodForWebsitePlanSubscription': (call) => {
    planOf(call).bill_period = parseBody(z.object({ period: z.enum(['monthly', 'yearly']) }), call.body).period;
    return updated();
  },

  'plan.checkCouponAvailabilityForWebsitePlanSubscription': ({ query, now }) => {
    if (query.get('code') !== COUPON.code) throw new Refusal(COUPON_NOT_FOUND);
    return resolved({ ...COUPON, expire_at: new Date(now + YEAR).toISOString() });
  },

  'plan.redeemCouponForWebsitePlanSubscription': ({ website, body }) => {
    const { code } = parseBody(z.object({ code: z.string().min(1) }), body);
    if (code !== COUPON.code) throw new Refusal(COUPON_NOT_FOUND);
    if (website.redeemedCoupons.has(code)) throw new Refusal(COUPON_REDEEMED);
    website.redeemedCoupons.add(code);
    return updated();
  },
};

const MONTH = 30 * 24 * 3_600_000;
const YEAR = 365 * 24 * 3_600_000;

function planOf({ website }: Call): Plan {
  if (website.plan === undefined) throw new Refusal(PLAN_NOT_FOUND);
  return website.plan;
}

function view(website: Website, plan: Plan) {
  const [owner] = website.operators.values();
  return {
    id: plan.plan_id,
    name: plan.name,
    price: 95,
    since: new Date(plan.since).toISOString(),
    trialing: false,
    trial_end: '',
    trial_end_date: '',
    bill_period: plan.bill_period,
    bill_valid_until: new Date(plan.since + MONTH).toISOString(),
    active: true,
    sandbox: true,
    website: { id: website.website_id, name: website.name, domain: website.domain, logo: '' },
    coupon_redeemed: website.redeemedCoupons.size > 0,
    card_id: '',
    owner: {
      user_id: owner?.user_id ?? '',
      email: owner?.email ?? '',
      first_name: owner?.first_name ?? '',
      last_name: owner?.last_name ?? '',
    },
  };
}
