import { hash } from 'node:crypto';
import type { BundledNode } from './bundled-node.ts';
import type { ProductionPackage } from './production-packages.ts';
import type { SourceState } from './source-state.ts';
import type { SystemPackage } from './system-packages.ts';

/**
 * What is in the image, as CycloneDX 1.6: every npm package with the hash it was installed by, Node, and the distribution's
 * packages below it. The same content gives the same document; its serial number is made from it.
 */
export interface Contents {
  readonly source: SourceState;
  /** Absent in a bill of what lies above a base image. */
  readonly node?: BundledNode | undefined;
  readonly packages: readonly ProductionPackage[];
  readonly system: readonly SystemPackage[];
}

type Json = Readonly<Record<string, unknown>>;

const OURS = 'crisp-mcp';

export function billOfMaterials({ source, node, packages, system }: Contents): Json {
  const components = unique([
    ...packages.map(npmComponent),
    ...(node === undefined ? [] : [nodeComponent(node)]),
    ...system.map((item) => ({
      type: 'library',
      'bom-ref': item.purl ?? item.name,
      name: item.name,
      ...(item.version === undefined ? {} : { version: item.version }),
      ...(item.purl === undefined ? {} : { purl: item.purl }),
    })),
  ]);
  const body = {
    metadata: {
      timestamp: new Date(source.epoch * 1000).toISOString(),
      component: {
        type: 'container',
        'bom-ref': OURS,
        name: OURS,
        version: source.version,
        description: source.description,
        licenses: [{ license: { id: source.license } }],
        externalReferences: [{ type: 'vcs', url: source.source }],
        ...(source.revision === undefined ? {} : { properties: [{ name: 'revision', value: source.revision }] }),
      },
    },
    components,
    dependencies: [{ ref: OURS, dependsOn: components.map((component) => component['bom-ref']) }],
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`,
    version: 1,
    ...body,
  };
}

function nodeComponent({ version }: BundledNode): Json & { 'bom-ref': string } {
  const purl = `pkg:generic/node@${version}`;
  return {
    type: 'platform',
    'bom-ref': purl,
    name: 'node',
    version,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    purl,
    licenses: [{ license: { id: 'MIT' } }],
    externalReferences: [{ type: 'website', url: 'https://nodejs.org/' }],
  };
}

function npmComponent(item: ProductionPackage): Json & { 'bom-ref': string } {
  const scope = item.name.startsWith('@') ? item.name.slice(0, item.name.indexOf('/')) : undefined;
  const name = item.name.slice(scope === undefined ? 0 : scope.length + 1);
  const purl = `pkg:npm/${scope === undefined ? '' : `${encodeURIComponent(scope)}/`}${name}@${item.version}`;
  const hashes = item.integrity === undefined ? [] : [sha512(item.integrity)].flat();
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope === undefined ? {} : { group: scope }),
    name,
    version: item.version,
    purl,
    licenses: [/\s/.test(item.license) ? { expression: item.license } : { license: { id: item.license } }],
    ...(hashes.length === 0 ? {} : { hashes }),
  };
}

function sha512(integrity: string): Json[] {
  const encoded = /^sha512-(\S+)/.exec(integrity)?.[1];
  return encoded === undefined ? [] : [{ alg: 'SHA-512', content: Buffer.from(encoded, 'base64').toString('hex') }];
}

/** One package in two places of `node_modules` is one component. */
function unique<Component extends { 'bom-ref': string }>(components: readonly Component[]): Component[] {
  return [...new Map(components.map((component) => [component['bom-ref'], component])).values()];
}

/** A UUID of version 8: what is left to us of it comes from the content. */
function uuidOf(content: string): string {
  const hex = hash('sha256', content);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
