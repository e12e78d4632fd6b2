import type { Server } from '@modelcontextprotocol/server';
import type { FeatureExchange } from './features.ts';
import { helpdeskLocales } from './helpdesk-articles.ts';

/**
 * Completions of arguments, where the choice is short and worth a request to Crisp: the languages of the helpdesk. Every
 * other argument has none, which clients take as "type it yourself".
 */
const MOST_VALUES = 100;

export function registerCompletions(server: Server, exchange: FeatureExchange): void {
  server.setRequestHandler('completion/complete', async ({ params: { argument } }) => {
    const choices = argument.name === 'locale' ? await helpdeskLocales(exchange) : [];
    const begun = argument.value.toLowerCase();
    const values = choices.filter((choice) => choice.toLowerCase().startsWith(begun));
    return {
      completion: { values: values.slice(0, MOST_VALUES), total: values.length, hasMore: values.length > MOST_VALUES },
    };
  });
}
