import { OF_API_TOKENS } from './api-token-mutants.ts';
import type { Mutant } from './mutant.ts';

/** The defects that the simulation must find. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'on deletion the Secret goes before the record',
    file: 'operator/token-owner/decide.ts',
    find: "return stop([...recordSteps, ...removal, ...warning, { do: 'removeFinalizer' }], undefined);",
    replace: "return stop([...removal, ...recordSteps, ...warning, { do: 'removeFinalizer' }], undefined);",
  },
  {
    name: 'the finalizer goes although the store did not confirm',
    file: 'operator/token-owner/decide.ts',
    find: 'const recordIsDead = !store.failed || store.recordOutlived;',
    replace: 'const recordIsDead = true;',
  },
  {
    name: 'the finalizer goes first',
    file: 'operator/token-owner/decide.ts',
    find: "return stop([...recordSteps, ...removal, ...warning, { do: 'removeFinalizer' }], undefined);",
    replace: "return stop([{ do: 'removeFinalizer' }, ...recordSteps, ...removal, ...warning], undefined);",
  },
  {
    name: 'exp is not compared with the clock',
    file: 'gateway/admission.ts',
    find: '  if (route.record.exp !== null && route.record.exp <= now) return NOT_FOUND;\n',
    replace: '',
  },
  {
    name: 'the clock of the store is not heeded',
    file: 'gateway/admission.ts',
    find: 'Math.max(0, this.#reader.clockOffset() ?? 0)',
    replace: '0',
  },
  {
    name: 'a store that fell silent is served from memory',
    file: 'gateway/admission.ts',
    find: 'return !(this.#reader.staleness() <= this.#staleFor);',
    replace: 'return this.#reader.staleness() === Number.POSITIVE_INFINITY;',
  },
  {
    name: 'an overtaken fetch is kept',
    file: 'gateway/store-fetches.ts',
    find: '        if (!land()) return undefined;\n        if (lookup.verified) {',
    replace: '        land();\n        if (lookup.verified) {',
  },
  {
    name: 'invalidations of accounts are dropped',
    file: 'gateway/route-cache.ts',
    find: '    this.#accounts.delete(uid);\n',
    replace: '',
  },
  {
    name: 'the store does not fence',
    file: 'routes/memory/memory-writer.ts',
    find: 'if (epoch < this.#state.epoch) throw new StaleEpochError(epoch);',
    replace: '',
  },
  {
    name: 'the store is declared verified before it is rebuilt',
    file: 'operator/store-rebuild.ts',
    find: '  const inventory = await writer.inventory();\n  const desired',
    replace: '  const inventory = await writer.inventory();\n  await writer.markVerified(epoch);\n  const desired',
  },
  {
    name: 'nobody looks whether the store is still verified',
    file: 'operator/store-sync.ts',
    find: 'const verified = await this.#options.writer.isVerified();',
    replace: 'const verified = true;',
  },
  {
    name: 'a rebuild removes nothing',
    file: 'operator/store-rebuild.ts',
    find: 'owners.get(hash) !== uid || revision === DAMAGED ? [hash] : [],',
    replace: 'revision === DAMAGED ? [hash] : [],',
  },
  {
    name: 'nothing is born expired',
    file: 'operator/token-owner/lifetime.ts',
    find: 'return effective.expiresAt !== undefined && created >= effective.expiresAt;',
    replace: 'return effective.expiresAt !== undefined && created < 0;',
  },
  {
    name: 'the Secret outlives its owner and the token is used again',
    file: 'operator/token-owner/act.ts',
    find: '    await this.#options.api.delete(secretType, { namespace, name: secret.name }, { uid: secret.uid });\n',
    replace: '',
  },
  {
    name: 'the status is written at each look',
    file: 'resources/conditions.ts',
    find: 'before?.status === state.status ? before.lastTransitionTime : rfc3339Seconds(context.now)',
    replace: 'rfc3339Seconds(context.now)',
  },
  {
    name: 'the old record stays beside the new one',
    file: 'operator/token-owner/decide.ts',
    find: "    { do: 'deleteRecords', keep: hash },\n",
    replace: '',
  },
  {
    name: 'a record is written before the Secret of its token',
    file: 'operator/token-owner/act.ts',
    find: '    try {\n      view.tokenSecrets.wrote(await api.create(secretType, secret',
    replace: `    const { hash } = readTokenSecret(secret).token;
    await this.#options.store.putRoute(hash, {
      uid, namespace, name, displayName: '', exp: null, filter: {}, accountUid: null, auth: 'path', state: 'unavailable',
    });
    try {
      view.tokenSecrets.wrote(await api.create(secretType, secret`,
  },
  {
    name: 'the answer of a write is believed against the watch',
    file: 'operator/fresh-objects.ts',
    find: 'const follows = new Set([...(continues ? before.follows : []), versionOf(basis)]);',
    replace: 'const follows = new Set([...(continues ? before.follows : []), versionOf(this.#cache.get(key))]);',
  },
  {
    name: 'an account without a usable credential stays in the store',
    file: 'operator/account/decide.ts',
    find: "accepted.length === 0 ? { do: 'deleteAccount' } : {",
    replace: '{',
  },
  {
    name: 'nothing wakes the operator when an owner expires',
    file: 'operator/token-owner/reconcile.ts',
    find: 'if (decision.wakeAt !== undefined && decision.wakeAt > situation.now) timers.set(key, decision.wakeAt);',
    replace: 'if (decision.wakeAt !== undefined && decision.wakeAt < 0) timers.set(key, decision.wakeAt);',
  },
  {
    name: 'the routes of a server are not removed',
    file: 'operator/server/server-kind.ts',
    find: 'deleteOf: (uid, keep) => store.deleteRoutes(uid, keep),',
    replace: 'deleteOf: async () => undefined,',
  },
  ...OF_API_TOKENS,
  {
    name: 'another status write takes the last use away',
    file: 'operator/server/server-kind.ts',
    find: '    lastUsedTime: status?.lastUsedTime,\n',
    replace: '',
  },
  {
    name: 'a last use that could not be read is not read again',
    file: 'operator/last-use-status.ts',
    find: '      if (signal.aborted) return;\n      observer',
    replace: '      if (!signal.aborted) await new Promise(() => undefined);\n      observer',
  },
];
