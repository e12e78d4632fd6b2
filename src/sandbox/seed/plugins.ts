import { type Random, uuid } from '../../process/random.ts';
import { secretKey } from '../identifiers.ts';
import type { InstalledPlugin, Plan } from '../website.ts';

const DAY = 24 * 3_600_000;

/** What is installed at Acme Analytics. The first is the plugin of the plugin-tier credential. */
export function seedPlugins(random: Random, now: number): readonly InstalledPlugin[] {
  return ['Acme Bot', 'Dashboards', 'Issue Tracker'].map((name, index) => ({
    plugin_id: uuid(random),
    name,
    since: now - (200 - index * 40) * DAY,
    token: secretKey(random),
    settings: { notify: true, channel: index === 0 ? '#support' : '#product' },
    usage: [],
  }));
}

export function seedPlan(random: Random, now: number): Plan {
  return { plan_id: uuid(random), name: 'Plus', since: now - 300 * DAY, bill_period: 'monthly' };
}
