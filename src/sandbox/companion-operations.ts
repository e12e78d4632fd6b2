import { TIERS } from '../catalog/operation.ts';
import type { RouteRecord } from './route-table.ts';

/**
 * Routes that the sandbox plays and the catalogue does not have yet. Where both have one, the catalogue's record counts;
 * once the catalogue is complete this list is empty and goes.
 */
const route = (id: string, method: string, path: string, tiers: RouteRecord['tiers']): RouteRecord => ({
  id,
  method,
  path,
  tiers,
});

export const COMPANION_OPERATIONS: readonly RouteRecord[] = [
  route('website.checkWebsiteExists', 'HEAD', '/website', TIERS.open),
  route('website.createWebsite', 'POST', '/website', TIERS.user),
  route('website.abortWebsiteDeletion', 'DELETE', '/website/{website_id}/expunge', TIERS.user),
  route('website.getWebsiteSettings', 'GET', '/website/{website_id}/settings', TIERS.open),
  route('website.updateWebsiteSettings', 'PATCH', '/website/{website_id}/settings', TIERS.open),
  route(
    'website.listSuggestedConversationSegments',
    'GET',
    '/website/{website_id}/conversations/suggest/segments/{page_number}',
    TIERS.open,
  ),
  route(
    'website.listSuggestedConversationDataKeys',
    'GET',
    '/website/{website_id}/conversations/suggest/data/{page_number}',
    TIERS.open,
  ),
  route('website.checkConversationExists', 'HEAD', '/website/{website_id}/conversation/{session_id}', TIERS.open),
  route('website.removeConversation', 'DELETE', '/website/{website_id}/conversation/{session_id}', TIERS.open),
  route(
    'website.composeMessageInConversation',
    'PATCH',
    '/website/{website_id}/conversation/{session_id}/compose',
    TIERS.open,
  ),
  route(
    'website.markMessagesDeliveredInConversation',
    'PATCH',
    '/website/{website_id}/conversation/{session_id}/delivered',
    TIERS.open,
  ),
  route(
    'website.updateConversationOpenState',
    'PATCH',
    '/website/{website_id}/conversation/{session_id}/open',
    TIERS.open,
  ),
  route(
    'website.updateConversationInbox',
    'PATCH',
    '/website/{website_id}/conversation/{session_id}/inbox',
    TIERS.open,
  ),
  route(
    'website.listConversationPages',
    'GET',
    '/website/{website_id}/conversation/{session_id}/pages/{page_number}',
    TIERS.open,
  ),
  route(
    'website.listConversationEvents',
    'GET',
    '/website/{website_id}/conversation/{session_id}/events/{page_number}',
    TIERS.open,
  ),
  route(
    'website.listConversationFiles',
    'GET',
    '/website/{website_id}/conversation/{session_id}/files/{page_number}',
    TIERS.open,
  ),
  route(
    'website.getConversationRelations',
    'GET',
    '/website/{website_id}/conversation/{session_id}/relations',
    TIERS.open,
  ),
  route(
    'website.getConversationParticipants',
    'GET',
    '/website/{website_id}/conversation/{session_id}/participants',
    TIERS.open,
  ),
  route(
    'website.saveConversationParticipants',
    'PUT',
    '/website/{website_id}/conversation/{session_id}/participants',
    TIERS.open,
  ),
  route(
    'website.getBlockStatusForConversation',
    'GET',
    '/website/{website_id}/conversation/{session_id}/block',
    TIERS.open,
  ),
  route(
    'website.blockIncomingMessagesForConversation',
    'PATCH',
    '/website/{website_id}/conversation/{session_id}/block',
    TIERS.open,
  ),
  route(
    'website.getVerifyStatusForConversation',
    'GET',
    '/website/{website_id}/conversation/{session_id}/verify',
    TIERS.open,
  ),
  route(
    'website.updateVerifyStatusForConversation',
    'PATCH',
    '/website/{website_id}/conversation/{session_id}/verify',
    TIERS.open,
  ),
  route(
    'website.requestEmailTranscriptForConversation',
    'POST',
    '/website/{website_id}/conversation/{session_id}/transcript',
    TIERS.open,
  ),
  route('website.listLastActiveWebsiteOperators', 'GET', '/website/{website_id}/operators/active', TIERS.open),
  route('website.sendEmailToWebsiteOperators', 'POST', '/website/{website_id}/operators/email', TIERS.open),
  route('website.changeOperatorMembership', 'PATCH', '/website/{website_id}/operator/{user_id}', TIERS.user),
  route('website.unlinkOperatorFromWebsite', 'DELETE', '/website/{website_id}/operator/{user_id}', TIERS.user),
  route('website.getWebsiteAvailabilityStatus', 'GET', '/website/{website_id}/availability/status', TIERS.open),
  route('website.listWebsiteOperatorAvailabilities', 'GET', '/website/{website_id}/availability/operators', TIERS.open),
  route('website.listInboxes', 'GET', '/website/{website_id}/inboxes/list/{page_number}', TIERS.open),
  route('website.batchOrderInboxes', 'PATCH', '/website/{website_id}/inboxes/batch/order', TIERS.user),
  route('website.createNewInbox', 'POST', '/website/{website_id}/inbox', TIERS.user),
  route('website.checkInboxExists', 'HEAD', '/website/{website_id}/inbox/{inbox_id}', TIERS.open),
  route('website.getInbox', 'GET', '/website/{website_id}/inbox/{inbox_id}', TIERS.open),
  route('website.saveInbox', 'PUT', '/website/{website_id}/inbox/{inbox_id}', TIERS.user),
  route('website.deleteInbox', 'DELETE', '/website/{website_id}/inbox/{inbox_id}', TIERS.user),
];
