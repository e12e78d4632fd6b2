import { TEST_TOOLS } from '../../src/operator/test-tools.ts';
import type { CrispMcpServerSpec } from '../../src/resources/crisp-mcp-server.ts';

/** The catalogue, filters on it, and by hand what each filter yields. */
export const TOOLS = TEST_TOOLS;

type Filter = Pick<CrispMcpServerSpec, 'methods' | 'tags' | 'tools'>;

export interface KnownFilter {
  readonly filter: Filter;
  /** With a credential of the tier `user`, and without. */
  readonly asUser: readonly string[];
  readonly otherwise: readonly string[];
}

export const FILTERS: readonly [KnownFilter, ...KnownFilter[]] = [
  {
    filter: {},
    asUser: ['list_conversations', 'send_message', 'publish_article'],
    otherwise: ['list_conversations', 'send_message'],
  },
  { filter: { methods: ['read'] }, asUser: ['list_conversations'], otherwise: ['list_conversations'] },
  { filter: { tags: ['helpdesk'] }, asUser: ['publish_article'], otherwise: [] },
  { filter: { tags: ['no-such-tag'] }, asUser: [], otherwise: [] },
  {
    filter: { tools: { except: ['send_*'] } },
    asUser: ['list_conversations', 'publish_article'],
    otherwise: ['list_conversations'],
  },
];
