import type { Mutant } from './mutant.ts';

/** Defects in what is done about API tokens alone. */
export const OF_API_TOKENS: readonly Mutant[] = [
  {
    name: 'the record of an API token is not removed',
    file: 'operator/api-token/api-token-kind.ts',
    find: 'deleteOf: (uid, keep) => store.deleteApiTokens(uid, keep),',
    replace: 'deleteOf: async () => undefined,',
  },
  {
    name: 'the record of an API token never ends',
    file: 'operator/api-token/api-token-kind.ts',
    find: 'exp: expiresAt ?? null,',
    replace: 'exp: expiresAt === 0 ? expiresAt : null,',
  },
  {
    name: 'a rebuild leaves the API tokens that were revoked',
    file: 'operator/store-rebuild.ts',
    find: '  await removeWrong(apiTokens, guard);\n',
    replace: '',
  },
  {
    name: 'the exp of an API token is not compared with the clock',
    file: 'gateway/admission.ts',
    find: 'if (hasEnded(exp, now) || namespace !==',
    replace: 'if (namespace !==',
  },
  {
    name: 'an API token is good for every server',
    file: 'gateway/admission.ts',
    find: "return servers.includes(route.record.name) || servers.includes('*');",
    replace: 'return servers.length > 0;',
  },
  {
    name: 'an API token needs no scope to connect',
    file: 'gateway/admission.ts',
    find: " || !scopes.includes('connect')",
    replace: ' || scopes.length === 0',
  },
  {
    name: 'an API token is asked for before the end of the token is looked at',
    file: 'gateway/admission.ts',
    find: '  if (route.record.exp !== null && route.record.exp <= now) return NOT_FOUND;\n',
    replace: `  if (typeof apiToken === 'object' && !admits(apiToken, route, now)) return { kind: 'unauthorized', route };
  if (route.record.exp !== null && route.record.exp <= now) return NOT_FOUND;
`,
  },
  {
    name: 'the token is not looked at again after its API token was fetched',
    file: 'gateway/admission.ts',
    find: "      if (apiToken.kind === 'unavailable') return unavailable(apiToken.cause);\n",
    replace: `      if (apiToken.kind === 'unavailable') return unavailable(apiToken.cause);
      const hasty = decide(resolution, this.now(), apiToken);
      if (hasty !== undefined) return hasty;
`,
  },
  {
    name: 'invalidations of API tokens are dropped',
    file: 'gateway/api-token-cache.ts',
    find: '    this.#known.delete(token);\n',
    replace: '',
  },
  {
    name: 'an API token that was unknown stays so for its time',
    file: 'gateway/api-token-cache.ts',
    find: '    this.#unknown.delete(token);\n  }\n\n  clear',
    replace: '  }\n\n  clear',
  },
  {
    name: 'a fetch of an API token that was overtaken is kept',
    file: 'gateway/api-token-cache.ts',
    find: '    this.#options.fetches.overtake(this.#flights, hash);\n',
    replace: '',
  },
  {
    name: 'API tokens are remembered when everything may have changed',
    file: 'gateway/route-cache.ts',
    find: '    this.apiTokens.clear();\n',
    replace: '',
  },
];
