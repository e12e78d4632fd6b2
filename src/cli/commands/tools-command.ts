import { Command, Option } from 'commander';
import { ALL_TOOLS, findTool } from '../../catalog/catalog.ts';
import { availableTo, selectTools } from '../../catalog/filter.ts';
import { TAGS } from '../../catalog/tags.ts';
import { TIERS_BY_PRIVILEGE, type Tool, type ToolFilter } from '../../catalog/tool.ts';
import { estimatedTokens, listedBytes, openPlaces, toolFacts } from '../../catalog/tool-facts.ts';
import { list } from '../arguments.ts';
import { print } from '../print.ts';
import { UserError } from '../user-error.ts';

/**
 * `crisp-mcp tools`: which tools a filter gives, before a server is created with it. The options are the fields of a
 * CrispMcpServer; without any, every tool is shown, sensitive ones included.
 */
interface ListOptions {
  readonly methods?: string[];
  readonly tags?: string[];
  readonly only?: string[];
  readonly except?: string[];
  readonly sensitive?: string[];
  readonly tier?: string[];
  readonly json?: boolean;
}

export function toolsCommand(): Command {
  return new Command('tools')
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(explainCommand())
    .addHelpText(
      'after',
      `
The options of list are the fields of a CrispMcpServer: crisp-mcp tools --tags support --methods read`,
    );
}

function listCommand(): Command {
  return new Command('list')
    .description('the tools that a server with this filter has (the default)')
    .addOption(listOption('--methods <list>', 'read, write, custom, or classes such as list,get'))
    .addOption(listOption('--tags <list>', 'such as support,helpdesk'))
    .addOption(listOption('--only <list>', 'names, with * for any characters'))
    .addOption(listOption('--except <list>', 'names, with * for any characters'))
    .addOption(listOption('--sensitive <list>', 'sensitive tools, each by its exact name'))
    .addOption(listOption('--tier <list>', `tiers of the account: ${TIERS_BY_PRIVILEGE.join(', ')}`))
    .option('--json', 'everything about each tool, as JSON')
    .action((options: ListOptions) => {
      const tools = chosenTools(options);
      print(options.json ? JSON.stringify(tools.map(toolFacts), null, 2) : table(tools));
    });
}

function explainCommand(): Command {
  return new Command('explain')
    .description('everything about one tool')
    .argument('<name>', 'name of the tool')
    .option('--json', 'as JSON')
    .action((name: string, { json }: { json?: boolean }) => {
      const tool = knownTool(name);
      print(json ? JSON.stringify(toolFacts(tool), null, 2) : explanation(tool));
    });
}

/** The tools of a server with this filter; all there are when nothing is filtered. */
export function chosenTools(options: ListOptions): readonly Tool[] {
  const { methods, tags, only, except, sensitive, tier } = options;
  const filter: ToolFilter = Object.fromEntries(
    Object.entries({ methods, tags, only, except, sensitive }).filter(([, value]) => value !== undefined),
  );
  const unknown = tags?.find((tag) => !Object.hasOwn(TAGS, tag));
  if (unknown !== undefined) {
    throw new UserError('UNKNOWN_TAG', `There is no tag "${unknown}"; there are: ${Object.keys(TAGS).join(', ')}.`);
  }
  for (const name of sensitive ?? []) {
    if (knownTool(name).sensitive === undefined) {
      throw new UserError('NOT_SENSITIVE', `${name} is not sensitive: choose it with --methods, --tags or --only.`);
    }
  }
  const unfiltered = Object.keys(filter).length === 0;
  const selected = unfiltered ? ALL_TOOLS : selectTools(ALL_TOOLS, filter);
  return tier === undefined ? selected : availableTo(selected, tier.map(knownTier));
}

function listOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(list);
}

function knownTool(name: string): Tool {
  const tool = findTool(name);
  if (tool === undefined) {
    throw new UserError('NO_SUCH_TOOL', `There is no tool ${name}. "crisp-mcp tools --only '*word*'" finds one.`);
  }
  return tool;
}

function knownTier(name: string) {
  const tier = TIERS_BY_PRIVILEGE.find((known) => known === name);
  if (tier === undefined) {
    throw new UserError('NO_SUCH_TIER', `There is no tier ${name}. Tiers: ${TIERS_BY_PRIVILEGE.join(', ')}.`);
  }
  return tier;
}

function table(tools: readonly Tool[]): string {
  const width = Math.max(0, ...tools.map(({ name }) => name.length));
  const lines = tools.map(({ name, effect, tags, sensitive }) => {
    const mark = sensitive === undefined ? '' : `  sensitive: ${sensitive}`;
    return `${name.padEnd(width)}  ${effect.padEnd(5)}  ${tags.join(',')}${mark}`;
  });
  const bytes = tools.reduce((sum, tool) => sum + listedBytes(tool), 0);
  return [...lines, `${tools.length} tools, ${bytes} bytes, about ${estimatedTokens(bytes)} tokens`].join('\n');
}

function explanation(tool: Tool): string {
  const facts = toolFacts(tool);
  const open = openPlaces(tool).map(({ place, mark }) => `${place} (${mark})`);
  return [
    `${tool.name}: ${tool.title}`,
    '',
    tool.description,
    '',
    `requests    ${tool.operations.join(', ')}`,
    ...facts.method.split(' + ').map((method, index) => `            ${method} ${facts.path.split(' + ')[index]}`),
    `class       ${tool.class}, ${tool.effect}s`,
    `tags        ${tool.tags.join(', ')}`,
    `tiers       ${tool.tiers.join(', ')}`,
    ...(tool.sensitive === undefined ? [] : [`sensitive   ${tool.sensitive}`]),
    ...(open.length === 0 ? [] : [`undescribed ${open.join(', ')}`]),
    `size        ${facts.bytes} bytes, about ${estimatedTokens(facts.bytes)} tokens`,
    '',
    JSON.stringify(tool.inputSchema, null, 2),
  ].join('\n');
}
