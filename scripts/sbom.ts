import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { billOfMaterials } from './image/bill-of-materials.ts';
import { bundledNode } from './image/bundled-node.ts';
import { productionPackages } from './image/production-packages.ts';
import { sourceState } from './image/source-state.ts';
import { systemPackages } from './image/system-packages.ts';

/** `npm run sbom [-- FILE]`: the image's bill of materials as CycloneDX JSON, on standard output or in a file. */
const root = join(import.meta.dirname, '..');
const [file] = process.argv.slice(2);

const node = await bundledNode(root);
// Elsewhere the image is made with an engine, on the libraries of its base image.
const system = process.platform === 'linux' ? await systemPackages(node.program) : [];
const [source, packages] = await Promise.all([sourceState(root), productionPackages(root)]);
const text = `${JSON.stringify(billOfMaterials({ source, node, packages, system }), null, 2)}\n`;
if (file === undefined) process.stdout.write(text);
else await writeFile(file, text);
