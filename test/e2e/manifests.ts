import { type CrispAccount, crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispApiToken, crispApiTokenType } from '../../src/resources/crisp-api-token.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import { apiVersionOf } from '../../src/resources/object.ts';

/** Manifests as a user writes them, with only the fields that the test speaks of. */
export function accountManifest(namespace: string, name: string, spec: CrispAccount['spec']): CrispAccount {
  return {
    apiVersion: apiVersionOf(crispAccountType),
    kind: crispAccountType.kind,
    metadata: { name, namespace },
    spec,
  };
}

export function serverManifest(
  namespace: string,
  name: string,
  account: string,
  spec: Partial<CrispMcpServer['spec']> = {},
): CrispMcpServer {
  return {
    apiVersion: apiVersionOf(crispMcpServerType),
    kind: crispMcpServerType.kind,
    metadata: { name, namespace },
    spec: { accountRef: { name: account }, ...spec },
  };
}

export function apiTokenManifest(namespace: string, name: string, spec: CrispApiToken['spec']): CrispApiToken {
  return {
    apiVersion: apiVersionOf(crispApiTokenType),
    kind: crispApiTokenType.kind,
    metadata: { name, namespace },
    spec,
  };
}

export function secretManifest(
  namespace: string,
  name: string,
  stringData: Readonly<Record<string, string>>,
  type = 'Opaque',
): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, stringData };
}

/** An instant so many milliseconds ahead, on a whole second as people write them. */
export function wholeSecondAhead(milliseconds: number): string {
  const second = Math.ceil((Date.now() + milliseconds) / 1_000) * 1_000;
  return `${new Date(second).toISOString().slice(0, 19)}Z`;
}
