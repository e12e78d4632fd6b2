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
  route('website.listLastActiveWebsiteOperators', 'GET', '/website/{website_id}/operators/active', TIERS.open),
  route('website.sendEmailToWebsiteOperators', 'POST', '/website/{website_id}/operators/email', TIERS.open),
  route('website.changeOperatorMembership', 'PATCH', '/website/{website_id}/operator/{user_id}', TIERS.user),
  route('website.unlinkOperatorFromWebsite', 'DELETE', '/website/{website_id}/operator/{user_id}', TIERS.user),
  route('website.getWebsiteAvailabilityStatus', 'GET', '/website/{website_id}/availability/status', TIERS.open),
  route('website.listWebsiteOperatorAvailabilities', 'GET', '/website/{website_id}/availability/operators', TIERS.open),
];
