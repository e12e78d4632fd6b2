import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { billOfMaterials, type Contents } from './bill-of-materials.ts';
import { bundledNode } from './bundled-node.ts';
import { productionPackages } from './production-packages.ts';
import { systemPackages } from './system-packages.ts';

const ROOT = join(import.meta.dirname, '../..');
const SCHEMAS = join(ROOT, 'node_modules/@cyclonedx/cyclonedx-library/res/schema');
const Bom = z.object({
  serialNumber: z.string(),
  components: z.array(z.object({ 'bom-ref': z.string(), name: z.string(), purl: z.string().optional() })),
});

let contents: Contents;
let validate: (value: unknown) => string[];

beforeAll(async () => {
  const node = await bundledNode(ROOT);
  contents = {
    node,
    packages: await productionPackages(ROOT),
    system: process.platform === 'linux' ? await systemPackages(node.program) : [],
    source: {
      version: '1.2.3',
      description: 'd',
      license: 'Apache-2.0',
      source: 'https://example.com/x',
      revision: 'a'.repeat(40),
      epoch: 1_700_000_000,
    },
  };
  const schema = async (file: string): Promise<object> =>
    z.looseObject({}).parse(JSON.parse(await readFile(join(SCHEMAS, `${file}.SNAPSHOT.schema.json`), 'utf8')));
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  for (const file of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    ajv.addSchema(await schema(file), `http://cyclonedx.org/schema/${file}.SNAPSHOT.schema.json`);
  }
  const check = ajv.compile(await schema('bom-1.6'));
  validate = (value) =>
    check(value) ? [] : (check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
});

describe('the bill of materials', () => {
  test('is what the schema of CycloneDX 1.6 asks for', () => {
    expect(validate(billOfMaterials(contents))).toEqual([]);
  });

  test('of what lies above a base image, too: the packages alone', () => {
    const bom = billOfMaterials({ source: contents.source, packages: contents.packages, system: [] });
    expect(validate(bom)).toEqual([]);
    expect(Bom.parse(bom).components.every(({ purl }) => purl?.startsWith('pkg:npm/'))).toBe(true);
  });

  test('would fail it with a component without a name', () => {
    expect(validate({ ...billOfMaterials(contents), components: [{ type: 'library' }] })).not.toEqual([]);
  });

  test('lists every production package, Node and the C library', () => {
    const { components } = Bom.parse(billOfMaterials(contents));
    const purls = components.map((component) => component.purl);
    for (const item of contents.packages) {
      expect(purls).toContain(`pkg:npm/${item.name.replace('@', '%40')}@${item.version}`);
    }
    expect(purls).toContain(`pkg:generic/node@${contents.node?.version}`);
    if (process.platform === 'linux')
      expect(components.some(({ name }) => /^glibc|^libc6|libc\.so/.test(name))).toBe(true);
  });

  test('is the same document for the same content, and another one for another', () => {
    const first = billOfMaterials(contents);
    expect(billOfMaterials(contents)).toEqual(first);
    const other = billOfMaterials({ ...contents, packages: contents.packages.slice(1) });
    expect(Bom.parse(other).serialNumber).not.toBe(Bom.parse(first).serialNumber);
  });
});
