import { registerCompletions } from './completions.ts';
import type { Features } from './features.ts';
import { HELPDESK_TOOLS, registerArticles } from './helpdesk-articles.ts';
import { promptsFor, registerPrompts } from './prompts.ts';

/**
 * What a Crisp server offers beside its tools, as far as its tools allow it: prompts whose tools are all enabled, and the
 * helpdesk's articles as resources where they may be read. A server without any of it announces none of it.
 */
export function createCrispFeatures(): Features {
  return {
    capabilities: (toolset) => {
      const prompts = promptsFor(toolset).length > 0;
      const resources = toolset.byName.has(HELPDESK_TOOLS.read);
      return {
        ...(prompts ? { prompts: {} } : {}),
        ...(resources ? { resources: {} } : {}),
        ...(prompts || resources ? { completions: {} } : {}),
      };
    },
    register(server, exchange) {
      const { prompts, resources, completions } = this.capabilities(exchange.toolset, exchange.era);
      if (prompts !== undefined) registerPrompts(server, exchange);
      if (resources !== undefined) registerArticles(server, exchange);
      if (completions !== undefined) registerCompletions(server, exchange);
    },
  };
}
