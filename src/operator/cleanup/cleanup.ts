import { secretType } from '../../kubernetes/core-types.ts';
import { listPages } from '../../kubernetes/list-pages.ts';
import type { ObjectApi } from '../../kubernetes/object-api.ts';
import type { Clock } from '../../process/clock.ts';
import { type KubernetesObject, keyFor, keyOf } from '../../resources/object.ts';
import type { StoreCleaner } from '../../routes/redis-store-cleaner.ts';
import { count, KindCleanup } from './kind-cleanup.ts';
import { CLEANABLE_KINDS, type CleanableKind, type CleanableOwnerKind } from './kinds.ts';

/**
 * The way out: sees resources out that an operator should have, and with `delete` all of them. Works with the operator
 * running, which then does most of it, or absent. Safe to repeat and to kill at any moment. Only objects that were there
 * when it began are touched: what a GitOps tool creates again meanwhile is reported and stays.
 */
export interface CleanupOptions {
  readonly api: ObjectApi;
  readonly store: StoreCleaner | undefined;
  readonly clock: Clock;
  readonly namespaces: readonly string[] | undefined;
  /** Delete the resources first; otherwise only deletions that somebody has asked for are brought to an end. */
  readonly delete: boolean;
  readonly dryRun: boolean;
  /** At the end remove every key of the installation from the store. */
  readonly purgeStore: boolean;
  readonly abandonRoutes: boolean;
  readonly patienceMs: number;
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

export async function cleanUp(options: CleanupOptions): Promise<void> {
  const { clock, timeoutMs, say, dryRun } = options;
  const shared = { ...options, deadline: clock.monotonic() + timeoutMs };
  const [servers, apiTokens, accounts] = CLEANABLE_KINDS;
  let reappeared = 0;
  reappeared += await cleanKind(new KindCleanup(servers, shared), servers, options);
  reappeared += await cleanKind(new KindCleanup(apiTokens, shared), apiTokens, options);
  reappeared += await cleanKind(new KindCleanup(accounts, shared), accounts, options);
  if (options.delete) {
    await deleteOrphanSecrets(servers, options);
    await deleteOrphanSecrets(apiTokens, options);
  }
  if (options.purgeStore) await purge(options, reappeared);
  say(dryRun ? 'Nothing was changed (--dry-run).' : 'Done.');
}

/** Returns how many are there in the end that were not when it began. */
async function cleanKind<T extends KubernetesObject>(
  cleanup: KindCleanup<T>,
  kind: CleanableKind<T>,
  options: CleanupOptions,
): Promise<number> {
  const { say, dryRun } = options;
  const all = await cleanup.list();
  const doomed = options.delete ? all : all.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  if (dryRun) {
    for (const object of doomed) say(plan(object, kind, options));
    return 0;
  }
  if (doomed.length === 0) {
    say(`No ${kind.type.kind} ${options.delete ? 'is there' : 'waits to be deleted'}.`);
    return 0;
  }
  if (options.delete) {
    const alive = doomed.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    say(`Deleting ${count(alive.length, kind.type.kind)}.`);
    await cleanup.delete(alive);
  }
  await cleanup.seeOut(doomed);
  return await report(await cleanup.list(), new Set(doomed.map(({ metadata }) => metadata.uid)), kind, options);
}

async function report<T extends KubernetesObject>(
  present: readonly T[],
  doomed: ReadonlySet<string | undefined>,
  kind: CleanableKind<T>,
  options: CleanupOptions,
): Promise<number> {
  const held = present.filter(({ metadata }) => doomed.has(metadata.uid));
  for (const object of held) {
    options.say(
      `${kind.type.kind} ${keyOf(object)} is still held by finalizers of others: ${object.metadata.finalizers?.join(', ')}.`,
    );
  }
  const others = present.length - held.length;
  if (options.delete && others > 0) {
    options.say(
      `${count(others, kind.type.kind)} created meanwhile and left alone; if a GitOps tool does that, remove them from its source first.`,
    );
  }
  return present.length;
}

function plan(object: KubernetesObject, kind: CleanableKind, options: CleanupOptions): string {
  const deleting = object.metadata.deletionTimestamp !== undefined;
  const held = object.metadata.finalizers?.includes(kind.finalizer) === true;
  const steps = [
    ...(deleting ? [] : ['delete']),
    ...(held ? [`wait ${options.patienceMs / 1_000} s for an operator, else let go`] : []),
  ];
  return `${kind.type.kind} ${keyOf(object)}: ${steps.length === 0 ? 'nothing to do' : steps.join(', then ')}`;
}

/** Token Secrets whose owner is gone: of a backup that was restored by half, or of a finalizer taken off by hand. */
async function deleteOrphanSecrets<T extends KubernetesObject>(
  kind: CleanableOwnerKind<T>,
  options: CleanupOptions,
): Promise<void> {
  const { api, say, dryRun, namespaces } = options;
  const secrets: { namespace: string; name: string; uid: string | undefined }[] = [];
  for (const namespace of namespaces ?? [undefined]) {
    const pages = listPages(api, secretType, namespace, {
      // Their type is asked of the server, so no other Secret is read.
      fieldSelector: `type=${kind.secret.type}`,
      labelSelector: kind.secret.label,
      metadataOnly: true,
    });
    for await (const page of pages) {
      for (const { metadata } of page) {
        secrets.push({ namespace: metadata.namespace ?? '', name: metadata.name, uid: metadata.uid });
      }
    }
  }
  const owned = new Set<string>();
  if (secrets.length > 0) {
    const present = await new KindCleanup(kind, { ...options, deadline: Number.POSITIVE_INFINITY }).list();
    for (const owner of present) owned.add(kind.secretKeyOf(owner));
  }
  for (const { namespace, name, uid } of secrets) {
    if (owned.has(keyFor(namespace, name))) continue;
    say(`Secret ${namespace}/${name} has no ${kind.type.kind}: ${dryRun ? 'delete' : 'deleted'}.`);
    if (!dryRun) await api.delete(secretType, { namespace, name }, uid === undefined ? {} : { uid });
  }
}

async function purge({ store, say, dryRun, abandonRoutes }: CleanupOptions, present: number): Promise<void> {
  if (store === undefined) return;
  if (present > 0) {
    say('The route store is not purged, as resources remain.');
    return;
  }
  if (dryRun) {
    say('Route store: remove every key of the installation');
    return;
  }
  try {
    say(`${await store.purge()} keys removed from the route store.`);
  } catch (error) {
    if (!abandonRoutes) throw error;
    say(`The route store could not be purged: ${error instanceof Error ? error.message : String(error)}`);
  }
}
