import type { Tool } from '../../src/catalog/tool.ts';
import type { CrispMcpServerSpec } from '../../src/resources/crisp-mcp-server.ts';

/** A catalogue of three tools, filters on it, and by hand what each filter yields. */
export const TOOLS: readonly Tool[] = [
  tool('list_conversations', { class: 'list', tags: ['support'] }),
  tool('send_message', { class: 'create', effect: 'write', tags: ['support'] }),
  tool('publish_article', { class: 'custom', effect: 'write', tags: ['helpdesk'], tiers: ['user'] }),
];

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

function tool(name: string, fields: Partial<Tool>): Tool {
  return {
    name,
    title: name,
    description: name,
    inputSchema: { type: 'object' },
    annotations: { title: name, readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    class: 'get',
    effect: 'read',
    tags: [],
    tiers: ['website', 'plugin', 'user'],
    operations: [],
    ...fields,
  };
}
