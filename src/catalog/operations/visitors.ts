import { decimal, required, text, whole } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** Who is on the website now, and who was kept out by a rule. */
const token = { token_id: required(text('Token of a chatbox session', { min: 1 })) };
const rule = { rule: required(text('From crisp_blocked_visitors_count', { min: 1 })) };

export const visitors: Family = {
  tags: ['visitors'],
  operations: [
    {
      id: 'website.countVisitors',
      method: 'GET',
      path: '/website/{website_id}/visitors/count',
      tiers: TIERS.open,
      tool: {
        name: 'crisp_visitors_count',
        title: 'Count visitors',
        description: 'Counts the visitors who are on the website now, and how many of them are active.',
        class: 'custom',
        tags: ['analytics'],
      },
    },
    {
      id: 'website.listVisitors',
      method: 'GET',
      path: '/website/{website_id}/visitors/list/{page_number}',
      tiers: TIERS.open,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_visitors',
        title: 'List visitors',
        description:
          'Lists the visitors who are on the website now: session_id, name, last page, place, whether a conversation was initiated.',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.pinpointVisitorsOnMap',
      method: 'GET',
      path: '/website/{website_id}/visitors/map',
      tiers: TIERS.open,
      query: {
        center_longitude: decimal('Center, with the other two'),
        center_latitude: decimal('Center'),
        center_radius: whole('Around the center'),
      },
      check: (args) => {
        const names = ['center_longitude', 'center_latitude', 'center_radius'];
        const missing = names.filter((name) => args[name] === undefined);
        return missing.length === 0 || missing.length === names.length
          ? []
          : missing.map((field) => ({ field, message: 'is required with the other two; leave out all for the world' }));
      },
      tool: {
        name: 'crisp_visitors_map',
        title: 'Map visitors',
        description: 'Groups the present visitors by place: world-wide, or around a center.',
        class: 'custom',
      },
    },
    {
      id: 'website.getSessionIdentifierFromToken',
      method: 'GET',
      path: '/website/{website_id}/visitors/token/{token_id}',
      tiers: TIERS.open,
      parameters: token,
      tool: {
        name: 'crisp_visitors_resolve_token',
        title: 'Find the session of a chatbox token',
        description: 'Gives the session_id that belongs to a chatbox session token (set by your own website).',
        class: 'custom',
      },
    },
    {
      id: 'website.countBlockedVisitors',
      method: 'GET',
      path: '/website/{website_id}/visitors/blocked',
      tiers: TIERS.user,
      tool: {
        name: 'crisp_blocked_visitors_count',
        title: 'Count blocked visitors',
        description: 'Counts the visitors that blocking rules kept out, and names the rules.',
        class: 'custom',
        tags: ['analytics'],
      },
    },
    {
      id: 'website.countBlockedVisitorsInRule',
      method: 'GET',
      path: '/website/{website_id}/visitors/blocked/{rule}',
      tiers: TIERS.user,
      parameters: rule,
      tool: {
        name: 'crisp_blocked_visitors_count_in_rule',
        title: 'Count visitors blocked by a rule',
        description: 'Counts the visitors that one blocking rule kept out.',
        class: 'custom',
      },
    },
    {
      id: 'website.clearBlockedVisitorsInRule',
      method: 'DELETE',
      path: '/website/{website_id}/visitors/blocked/{rule}',
      tiers: TIERS.user,
      parameters: rule,
      tool: {
        name: 'crisp_blocked_visitors_clear',
        title: 'Let in visitors blocked by a rule',
        description: 'Clears the visitors that one rule blocked: they are let in again.',
        class: 'custom',
      },
    },
  ],
};
