import type { KeyObject } from 'node:crypto';
import { DEFAULT_CRISP_API_URL } from '../resources/names.ts';

/** What an installation decides about its operator. */
export interface OperatorConfig {
  /** Base of the URLs that users get, without a trailing slash: `https://mcp.example.com`. */
  readonly publicUrl: string;
  /** Only these namespaces are looked at; `undefined` means all. */
  readonly namespaces?: readonly string[] | undefined;
  /** Origins of the Crisp API that accounts may name. The gateway holds a list of its own. */
  readonly allowedApiUrls?: readonly string[];
  /** Secrets of the installation from which the digests of credentials in status are made, as they are now. */
  readonly revisionKeys: () => RevisionKeys;
  /** Which replica this is, for events: the Pod's name. */
  readonly instance?: string;
  readonly serverWorkers?: number;
  readonly accountWorkers?: number;
}

/** 32 bytes each. Digests are made with the current one; those of the other are understood, so that a rotation asks Crisp nothing. */
export interface RevisionKeys {
  readonly current: KeyObject | Uint8Array;
  readonly previous?: KeyObject | Uint8Array | undefined;
}

export function allowedOrigins(config: OperatorConfig): ReadonlySet<string> {
  return new Set((config.allowedApiUrls ?? [DEFAULT_CRISP_API_URL]).map((url) => new URL(url).origin));
}
