import { ALL_TOOLS } from '../src/catalog/catalog.ts';
import { selectTools } from '../src/catalog/filter.ts';
import { FAMILIES } from '../src/catalog/operations/index.ts';
import { TAGS } from '../src/catalog/tags.ts';
import type { Tool } from '../src/catalog/tool.ts';
import { estimatedTokens, listedBytes, openPlaces, toolFacts } from '../src/catalog/tool-facts.ts';

/** The page of all tools: what each does to Crisp, how tags and classes choose among them, and what they cost a model. */
const CLASSES: readonly (readonly [name: string, meaning: string])[] = [
  ['read', 'everything that only reads, whatever its class'],
  ['write', 'create, update and delete'],
  ['custom', 'the other changes: send, publish, pause, mark as read'],
  ['list', '`list_all_crisp_…`: several at once, mostly a page'],
  ['get', '`get_single_crisp_…_by_id`: one thing'],
  ['create', '`create_a_crisp_…`'],
  ['update', '`update_a_crisp_…_by_id`; where it replaces instead of merging, the description says so'],
  ['delete', '`delete_a_crisp_…`'],
];

export function toolsDocs(): string {
  const operations = new Set(ALL_TOOLS.flatMap((tool) => tool.operations));
  const sensitive = ALL_TOOLS.filter((tool) => tool.sensitive !== undefined);
  return [
    '# Tools',
    '',
    `${ALL_TOOLS.length} tools perform ${operations.size} operations of the Crisp REST API v1. \`crisp-mcp tools\` lists them and shows what a filter`,
    'gives; `crisp-mcp tools explain NAME` shows one with its arguments. How a server chooses among them is in',
    '[resources.md](resources.md): `((methods and tags and only) or sensitive) without except`.',
    '',
    'Tokens are estimated: UTF-8 bytes of the JSON in `tools/list`, divided by four. Sensitive tools are counted in the full',
    'catalogue and nowhere else, because only their exact names bring them into a server.',
    '',
    '## What they cost',
    '',
    '| `tools/list` of | tools | bytes | tokens |',
    '| --- | ---: | ---: | ---: |',
    costRow('everything, sensitive tools included', ALL_TOOLS),
    costRow('a server without a filter', selectTools(ALL_TOOLS, {})),
    costRow('`methods: [read]`, `tags: [support]`', selectTools(ALL_TOOLS, { methods: ['read'], tags: ['support'] })),
    '',
    '## Tags',
    '',
    '| tag | for | tools | bytes | tokens |',
    '| --- | --- | ---: | ---: | ---: |',
    ...Object.entries(TAGS).map(([tag, meaning]) => {
      const chosen = selectTools(ALL_TOOLS, { tags: [tag] });
      return `| \`${tag}\` | ${meaning} ${cost(chosen)}`;
    }),
    '',
    '## Methods',
    '',
    '| method | chooses | tools | bytes | tokens |',
    '| --- | --- | ---: | ---: | ---: |',
    ...CLASSES.map(([name, meaning]) => {
      const chosen = selectTools(ALL_TOOLS, { methods: [name] });
      return `| \`${name}\` | ${meaning} ${cost(chosen)}`;
    }),
    '',
    '## Sensitive tools',
    '',
    `${sensitive.length} tools are in a server only when \`tools.sensitive\` names them exactly.`,
    '',
    '| tool | why |',
    '| --- | --- |',
    ...sensitive.map((tool) => `| \`${tool.name}\` | ${tool.sensitive} |`),
    '',
    '## What the reference does not describe',
    '',
    ...undescribed(),
    '## All tools',
    '',
    ...sections(),
  ].join('\n');
}

function undescribed(): string[] {
  const places = ALL_TOOLS.flatMap((tool) => openPlaces(tool).map((open) => ({ tool, ...open })));
  return [
    `${places.length} places in all arguments take any value or any members, because Crisp publishes nothing about them. Each cites how`,
    'the reference of routes marks it.',
    '',
    '| tool | argument | the reference says |',
    '| --- | --- | --- |',
    ...places.map(({ tool, place, mark }) => `| \`${tool.name}\` | \`${place}\` | ${mark} |`),
    '',
  ];
}

function sections(): string[] {
  const byFamily = new Map<string, Set<Tool>>();
  for (const family of FAMILIES) {
    const ids = new Set(family.operations.map(({ id }) => id));
    const tags = family.tags.join(', ');
    const tools = byFamily.get(tags) ?? new Set();
    for (const tool of ALL_TOOLS) if (tool.operations.some((id) => ids.has(id))) tools.add(tool);
    byFamily.set(tags, tools);
  }
  return [...byFamily].flatMap(([tags, tools]) => [
    `### ${tags}`,
    '',
    '| tool | request | class | effect | tiers | tags |',
    '| --- | --- | --- | --- | --- | --- |',
    ...[...tools].map(row),
    '',
  ]);
}

function row(tool: Tool): string {
  const facts = toolFacts(tool);
  const paths = facts.path.split(' + ');
  const requests = facts.method.split(' + ').map((method, index) => `\`${method} ${paths[index]}\``);
  const name = tool.sensitive === undefined ? `\`${tool.name}\`` : `\`${tool.name}\` (sensitive)`;
  const cells = [name, requests.join('<br>'), tool.class, tool.effect, tool.tiers.join(' '), tool.tags.join(' ')];
  return `| ${cells.join(' | ')} |`;
}

function costRow(what: string, tools: readonly Tool[]): string {
  return `| ${what} ${cost(tools)}`;
}

function cost(tools: readonly Tool[]): string {
  const bytes = tools.reduce((sum, tool) => sum + listedBytes(tool), 0);
  return `| ${tools.length} | ${bytes} | ${estimatedTokens(bytes)} |`;
}
