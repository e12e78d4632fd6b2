import { join } from 'node:path';
import { licenceViolations } from './image/licence-policy.ts';
import { productionPackages } from './image/production-packages.ts';

/** `npm run licences`: the licences of the production dependencies, and a failure where one is not allowed. */
const packages = await productionPackages(join(import.meta.dirname, '..'));
const byLicence = Map.groupBy(packages, (item) => item.license);
for (const [licence, items] of [...byLicence].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(`${licence}: ${items.map((item) => `${item.name} ${item.version}`).join(', ')}`);
}
const violations = licenceViolations(packages);
for (const violation of violations) console.error(violation);
if (violations.length > 0) process.exitCode = 1;
