import { type Rows, WEBSITE } from '../row.ts';

export const plans: Rows = {
  'plan.listAllActiveSubscriptions': { call: () => [] },
  'plan.getPlanSubscriptionForWebsite': { call: () => [WEBSITE] },
  'plan.subscribeWebsiteToPlan': { call: (a) => [WEBSITE, a.plan_id] },
  'plan.unsubscribePlanFromWebsite': { call: () => [WEBSITE] },
  'plan.changeBillPeriodForWebsitePlanSubscription': { call: (a) => [WEBSITE, a.period] },
  'plan.checkCouponAvailabilityForWebsitePlanSubscription': { call: (a) => [WEBSITE, a.code] },
  'plan.redeemCouponForWebsitePlanSubscription': { call: (a) => [WEBSITE, a.code] },
};
