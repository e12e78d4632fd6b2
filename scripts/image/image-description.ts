import { MOST_BYTES } from '../../src/process/young-generation.ts';
import type { ImageConfig } from './oci-archive.ts';

/**
 * What the image is, in one place: where things lie in it, who runs it and what its labels say. `npm run image` writes it
 * and a test holds the Dockerfile against it. The places are those of the distroless Node image.
 */
export const NODE = '/nodejs/bin/node';
export const APP = '/app';
export const NONROOT = { uid: 65_532, gid: 65_532, home: '/home/nonroot' };
export const CA_CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

export interface Provenance {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly source: string;
  /** The commit it is built from; absent outside a git checkout. */
  readonly revision: string | undefined;
}

export function imageConfig(provenance: Provenance): ImageConfig {
  return {
    // By number: Kubernetes can only prove `runAsNonRoot` of a number.
    User: `${NONROOT.uid}:${NONROOT.gid}`,
    WorkingDir: NONROOT.home,
    Env: [
      'PATH=/nodejs/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      `SSL_CERT_FILE=${CA_CERTIFICATES}`,
      'NODE_ENV=production',
    ],
    Entrypoint: [NODE, `--max-semi-space-size=${MOST_BYTES / 2 / 2 ** 20}`, `${APP}/dist/main.js`],
    Cmd: ['--help'],
    Labels: labels(provenance),
  };
}

export function labels(provenance: Provenance): Record<string, string> {
  const named: Record<string, string | undefined> = {
    title: 'crisp-mcp',
    description: provenance.description,
    version: provenance.version,
    revision: provenance.revision,
    licenses: provenance.license,
    source: provenance.source,
  };
  return Object.fromEntries(
    Object.entries(named).flatMap(([key, value]) =>
      value === undefined ? [] : [[`org.opencontainers.image.${key}`, value]],
    ),
  );
}
