import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { billOfMaterials } from './image/bill-of-materials.ts';
import { bundledNode } from './image/bundled-node.ts';
import { productionPackages } from './image/production-packages.ts';
import { sourceState } from './image/source-state.ts';
import { systemPackages } from './image/system-packages.ts';

/** `npm run sbom`: what is in the image, as CycloneDX JSON. */
const USAGE = `Usage: npm run sbom [-- [--application] [FILE]]

The bill of materials of the image that "npm run image" makes here, on standard output or in FILE.
--application leaves out Node and the libraries below it, for an image with a base of its own.`;

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  options: { application: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [file] = positionals;

async function text(): Promise<string> {
  const node = values.application ? undefined : await bundledNode(root);
  const system = node === undefined || process.platform !== 'linux' ? [] : await systemPackages(node.program);
  const [source, packages] = await Promise.all([sourceState(root), productionPackages(root)]);
  return `${JSON.stringify(billOfMaterials({ source, node, packages, system }), null, 2)}\n`;
}

if (values.help) console.log(USAGE);
else if (file === undefined) process.stdout.write(await text());
else await writeFile(file, await text());
