import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * The Node that npm brings with the development dependencies: the official binary, of the version that the lock file pins,
 * never the Node of the machine.
 */
export interface BundledNode {
  readonly version: string;
  readonly program: string;
}

export async function bundledNode(root: string): Promise<BundledNode> {
  const folder = join(root, 'node_modules/node');
  const program = join(folder, 'bin/node');
  try {
    await access(program);
    const text = await readFile(join(folder, 'package.json'), 'utf8');
    return { version: z.object({ version: z.string() }).parse(JSON.parse(text)).version, program };
  } catch (error) {
    throw new Error(
      `Node cannot be taken from ${folder}. Remedy: npm ci --include=dev, with scripts allowed for the package "node"`,
      { cause: error },
    );
  }
}

/**
 * Node's licence. It lies here, for npm removes the package that holds it at the next `npm install`; a test compares the
 * two while both are there.
 */
export function nodeLicence(): Promise<string> {
  return readFile(join(import.meta.dirname, 'licences/node.txt'), 'utf8');
}
