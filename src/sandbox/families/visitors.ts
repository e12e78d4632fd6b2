import { deleted, InvalidData, listed, page, Refusal, resolved } from '../answer.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { MAP_RADIUS_UNIT_KILOMETRES, VISITOR_TOKEN_NOT_FOUND } from '../inferred.ts';
import { pageOf } from '../query.ts';
import type { Visitor } from '../website.ts';
import { distance } from './distance.ts';

/** Who is on the website now, and who is blocked. */
export const visitors: Handlers = {
  'website.countVisitors': ({ website }) => {
    const all = [...website.visitors.values()];
    return resolved({ count: all.length, active: all.filter(({ active }) => active).length, limited: false });
  },

  'website.listVisitors': (call) =>
    page(pageOf(call, [...call.website.visitors.values()]).map((visitor) => view(call, visitor))),

  'website.pinpointVisitorsOnMap': (call) => {
    const near = within(call.query);
    const places = Map.groupBy([...call.website.visitors.values()].filter(near), ({ geolocation }) => geolocation.city);
    return listed([...places.values()].flatMap((there) => point(call, there)));
  },

  'website.getSessionIdentifierFromToken': (call) => {
    const found = [...call.website.visitors.values()].find(({ token }) => token === param(call, 'token_id'));
    if (found === undefined) throw new Refusal(VISITOR_TOKEN_NOT_FOUND);
    return resolved({ session_id: found.session_id });
  },

  'website.countBlockedVisitors': ({ website }) => {
    const counts = [...website.blockedVisitors];
    return resolved({ rule: counts.map(([rule]) => rule), blocked: counts.reduce((sum, [, count]) => sum + count, 0) });
  },
  'website.countBlockedVisitorsInRule': (call) => resolved(call.website.blockedVisitors.get(param(call, 'rule')) ?? 0),
  'website.clearBlockedVisitorsInRule': (call) => {
    call.website.blockedVisitors.delete(param(call, 'rule'));
    return deleted();
  },
};

function view({ website }: Call, { token: _token, ...visitor }: Visitor) {
  const conversation = website.conversations.get(visitor.session_id);
  return { ...visitor, inbox_id: conversation?.inbox_id ?? null, initiated: conversation !== undefined };
}

/** One place with all who are there. */
function point(call: Call, there: readonly Visitor[]) {
  const [first] = there;
  if (first === undefined) return [];
  const sessions = there.map((visitor) => {
    const { inbox_id: _inbox, useragent: _useragent, geolocation: _place, ...shown } = view(call, visitor);
    return shown;
  });
  return [{ visitors: { count: there.length, threshold: there.length, sessions }, geolocation: first.geolocation }];
}

function within(query: URLSearchParams): (visitor: Visitor) => boolean {
  const [longitude, latitude, radius] = ['center_longitude', 'center_latitude', 'center_radius'].map((name) => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    if (!Number.isFinite(Number(text))) throw new InvalidData(`data.${name} should be number`);
    return Number(text);
  });
  if (longitude === undefined || latitude === undefined || radius === undefined) return () => true;
  const kilometres = radius * MAP_RADIUS_UNIT_KILOMETRES;
  return ({ geolocation }) => distance(geolocation.coordinates, { latitude, longitude }) <= kilometres;
}
