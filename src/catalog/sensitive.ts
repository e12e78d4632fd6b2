/**
 * The sensitive operations, each with its reason. A tool that performs one of them is in a server only when
 * `tools.sensitive` names the tool exactly; no method, tag or wildcard brings it in. An operation belongs here when it
 * grants access, hands out or rolls a key, spends money, moves data in bulk, destroys what a team cannot get back,
 * outlives the purpose of a token, or reaches beyond the one website. A path without `{website_id}` always does the last;
 * a test holds that.
 */
export const SENSITIVE_OPERATIONS: Readonly<Record<string, string>> = {
  'website.checkWebsiteExists': 'reaches beyond the one website: asks about any domain',
  'website.createWebsite': 'reaches beyond the one website: creates another one',
  'website.deleteWebsite': 'destroys a website',
  'website.abortWebsiteDeletion': 'decides whether a website is destroyed',

  'website.getVerifyKey': 'hands out the key by which visitors prove who they are',
  'website.rollVerifyKey':
    'rolls the key by which visitors prove who they are; every integration with the old one breaks',
  'website.updateVerifySettings': 'decides whether visitors have to prove who they are',

  'website.inviteWebsiteOperator': 'grants access to the website',
  'website.changeOperatorMembership': 'grants or withdraws rights of an operator',
  'website.unlinkOperatorFromWebsite': 'takes access away from an operator',

  'website.requestEmailTranscriptForConversation': 'mails a whole conversation to any address',
  'website.saveConversationParticipants': 'mails a conversation to any address from then on, which outlives the token',
  'website.requestToolCallForConversation': 'reaches beyond the one website: acts in the systems of connected tools',
  'website.deliverWidgetButtonActionForConversation': 'reaches beyond the one website: acts in the system of a plugin',
  'website.deliverWidgetDataEditActionForConversation':
    'reaches beyond the one website: writes into the system of a plugin',

  'website.batchRemoveConversations': 'deletes in bulk, without a way back',
  'website.batchRemovePeople': 'deletes in bulk, without a way back',
  'website.exportPeopleProfiles': 'exports people in bulk',
  'website.importPeopleProfiles': 'imports people in bulk',

  'website.dispatchCampaign': 'mails every recipient; what is sent cannot be recalled',
  'website.resumeCampaign': 'mails every recipient not reached yet; what is sent cannot be recalled',

  'website.initializeHelpdesk': 'claims the public domain of the helpdesk, which outlives the token',
  'website.saveHelpdeskSettings': 'decides who may read the helpdesk, and puts code into its public pages',
  'website.deleteHelpdeskLocale': 'deletes the articles of a language in bulk, without a way back',
  'website.deleteHelpdesk': 'destroys the whole helpdesk with all its articles',
  'website.importExternalHelpdeskToLocale': 'imports articles in bulk from another site',
  'website.exportHelpdeskLocaleArticles': 'exports articles in bulk',
  'website.requestHelpdeskDomainChange': 'changes the domain of the public helpdesk, which outlives the token',
  'website.generateHelpdeskDomainSetupFlow': 'begins a change of the domain of the public helpdesk',

  'plan.listAllActiveSubscriptions': 'reaches beyond the one website: lists the plans of all',
  'plan.subscribeWebsiteToPlan': 'spends money',
  'plan.unsubscribePlanFromWebsite': 'ends the plan of the website',
  'plan.changeBillPeriodForWebsitePlanSubscription': 'spends money: changes how the plan is paid',
  'plan.checkCouponAvailabilityForWebsitePlanSubscription': 'tries coupons',
  'plan.redeemCouponForWebsitePlanSubscription': 'redeems a coupon, which can be done once',

  'plugin.getConnectAccount': 'reaches beyond the one website: concerns the plugin itself',
  'plugin.checkConnectSessionValidity': 'reaches beyond the one website: concerns the plugin itself',
  'plugin.listAllConnectWebsites': 'reaches beyond the one website: lists all that installed the plugin',
  'plugin.listConnectWebsitesSince': 'reaches beyond the one website: lists those that installed the plugin',
  'plugin.getConnectEndpoints': 'reaches beyond the one website: concerns the plugin itself',

  'plugin.listAllActiveSubscriptions': 'reaches beyond the one website: lists the plugins of all',
  'plugin.subscribeWebsiteToPlugin': 'spends money and grants a plugin access to the website',
  'plugin.unsubscribePluginFromWebsite': 'takes a plugin away from the website, with what it was set up to do',
  'plugin.getSubscriptionSettings': 'reads the settings of a plugin, which may hold keys of other services',
  'plugin.saveSubscriptionSettings': 'sets a plugin up, which outlives the token',
  'plugin.updateSubscriptionSettings': 'sets a plugin up, which outlives the token',
  'plugin.reportPluginUsageToBill': 'spends money: bills the website for usage',
  'plugin.getPluginAttestProvenance': 'hands out a signed proof of identity',

  'bucket.generateBucketURL': 'reaches beyond the one website: the upload names its own target',
  'media.listAnimationMedias': 'reaches beyond the one website: belongs to none',
};
