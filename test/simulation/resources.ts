import { type Secret, secretType } from '../../src/kubernetes/core-types.ts';
import type { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { isOfType } from '../../src/kubernetes/object-guard.ts';
import { type CrispAccount, crispAccountType } from '../../src/resources/crisp-account.ts';
import { type CrispApiToken, crispApiTokenType } from '../../src/resources/crisp-api-token.ts';
import { type CrispMcpServer, crispMcpServerType } from '../../src/resources/crisp-mcp-server.ts';
import type { KubernetesObject, ResourceType } from '../../src/resources/object.ts';

export const NAMESPACE = 'default';

/** The resources as they are at this very moment, read without a call and without waiting. */
export class Resources {
  readonly #api: EmbeddedObjectApi;

  constructor(api: EmbeddedObjectApi) {
    this.#api = api;
  }

  servers(): CrispMcpServer[] {
    return this.#all(crispMcpServerType);
  }

  accounts(): CrispAccount[] {
    return this.#all(crispAccountType);
  }

  apiTokens(): CrispApiToken[] {
    return this.#all(crispApiTokenType);
  }

  secrets(): Secret[] {
    return this.#all(secretType);
  }

  server(name: string): CrispMcpServer | undefined {
    return this.servers().find(({ metadata }) => metadata.name === name);
  }

  account(name: string): CrispAccount | undefined {
    return this.accounts().find(({ metadata }) => metadata.name === name);
  }

  secret(name: string): Secret | undefined {
    return this.secrets().find(({ metadata }) => metadata.name === name);
  }

  #all<T extends KubernetesObject>(type: ResourceType<T>): T[] {
    return this.#api.snapshot([type]).flatMap((object) => {
      const candidate: unknown = object;
      return isOfType(type, candidate) ? [candidate] : [];
    });
  }
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function decode(base64: string | undefined): string {
  return Buffer.from(base64 ?? '', 'base64').toString();
}
