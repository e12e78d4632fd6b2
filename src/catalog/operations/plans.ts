import { choice, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

const coupon = required(text('Code of the coupon', { min: 1 }));

export const plans: Family = {
  tags: ['billing'],
  operations: [
    {
      id: 'plan.listAllActiveSubscriptions',
      method: 'GET',
      path: '/plans/subscription',
      tiers: TIERS.user,
      tool: {
        name: 'list_all_crisp_plan_subscriptions',
        title: 'List the plans of all websites',
        description:
          'Lists the Crisp plans of all websites that the user behind the credential pays for: plan, price, period, website, owner. Needs a user-tier credential.',
        class: 'list',
      },
    },
    {
      id: 'plan.getPlanSubscriptionForWebsite',
      method: 'GET',
      path: '/plans/subscription/{website_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_plan_subscription_by_id',
        title: 'Get the plan of the website',
        description:
          'Gets the Crisp plan of this website: name, price, period, trial, until when it is paid, who pays. Tells why subscription_upgrade_required comes back elsewhere.',
        class: 'get',
        tags: ['website'],
      },
    },
    {
      id: 'plan.subscribeWebsiteToPlan',
      method: 'POST',
      path: '/plans/subscription/{website_id}',
      tiers: TIERS.user,
      body: { plan_id: required(text('Id of a plan; Crisp publishes no list', { min: 1 })) },
      tool: {
        name: 'create_a_crisp_plan_subscription',
        title: 'Subscribe the website to a plan',
        description:
          "Puts the website on a plan, which is charged to the user's card. It replaces the plan of now. Needs a user-tier credential.",
        class: 'create',
        destructive: true,
      },
    },
    {
      id: 'plan.unsubscribePlanFromWebsite',
      method: 'DELETE',
      path: '/plans/subscription/{website_id}',
      tiers: TIERS.user,
      tool: {
        name: 'delete_a_crisp_plan_subscription',
        title: 'End the plan of the website',
        description:
          'Ends the plan of the website; features beyond the free plan stop working for the whole team. Needs a user-tier credential.',
        class: 'delete',
      },
    },
    {
      id: 'plan.changeBillPeriodForWebsitePlanSubscription',
      method: 'PATCH',
      path: '/plans/subscription/{website_id}/bill/period',
      tiers: TIERS.user,
      body: { period: required(choice('How often it is paid', ['monthly', 'yearly'])) },
      tool: {
        name: 'update_a_crisp_plan_bill_period_by_id',
        title: 'Change how often the plan is paid',
        description: 'Changes whether the plan of the website is paid monthly or yearly. Needs a user-tier credential.',
        class: 'update',
      },
    },
    {
      id: 'plan.checkCouponAvailabilityForWebsitePlanSubscription',
      method: 'GET',
      path: '/plans/subscription/{website_id}/coupon',
      tiers: TIERS.user,
      query: { code: coupon },
      tool: {
        name: 'crisp_plan_coupons_check',
        title: 'Look a coupon up',
        description:
          'Gets what a coupon would give for the plan of the website: rebate, trial days, limit, expiry. Redeems nothing. Needs a user-tier credential.',
        class: 'custom',
      },
    },
    {
      id: 'plan.redeemCouponForWebsitePlanSubscription',
      method: 'PATCH',
      path: '/plans/subscription/{website_id}/coupon',
      tiers: TIERS.user,
      body: { code: coupon },
      tool: {
        name: 'crisp_plan_coupons_redeem',
        title: 'Redeem a coupon',
        description:
          'Redeems a coupon for the plan of the website. It can be used once; crisp_plan_coupons_check shows before what it gives. Needs a user-tier credential.',
        class: 'custom',
        idempotent: false,
        destructive: true,
      },
    },
  ],
};
