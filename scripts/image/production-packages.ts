import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The npm packages that run in production, from the lock file: no development dependencies, and no packages that hold
 * only types. Each is held against what is installed, so that an image never contains other versions than the lock says.
 */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as the package declares it. */
  readonly license: string;
  /** Within the project: `node_modules/express/node_modules/content-type`. */
  readonly path: string;
  /** Subresource integrity of the archive it was installed from. */
  readonly integrity: string | undefined;
}

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      integrity: z.string().optional(),
      dev: z.boolean().default(false),
      devOptional: z.boolean().default(false),
      optional: z.boolean().default(false),
    }),
  ),
});

const Installed = z.object({ name: z.string(), version: z.string(), license: z.string().optional() });

export async function productionPackages(root: string): Promise<ProductionPackage[]> {
  const lock = Lock.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const packages: ProductionPackage[] = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.dev || entry.devOptional || isTypesOnly(path)) continue;
    const installed = await installedPackage(join(root, path));
    if (installed === undefined && entry.optional) continue;
    if (installed?.version !== entry.version) {
      const found = installed === undefined ? 'is not installed' : `is ${installed.version}`;
      throw new Error(`${path} ${found}; the lock file says ${entry.version}. Remedy: npm ci`);
    }
    packages.push({
      name: installed?.name ?? nameOf(path),
      version: installed?.version ?? '',
      license: entry.license ?? installed?.license ?? 'UNKNOWN',
      path,
      integrity: entry.integrity,
    });
  }
  return packages.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function installedPackage(folder: string): Promise<z.infer<typeof Installed> | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Installed.parse(JSON.parse(text));
}

function isTypesOnly(path: string): boolean {
  const name = nameOf(path);
  return name.startsWith('@types/') || name === 'undici-types';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}
