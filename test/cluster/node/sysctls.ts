import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** Three settings that kubelet changes for the whole machine, not for its namespaces: remembered, and put back. */
const CHANGED_BY_KUBELET = ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops'];

const Saved = z.record(z.string(), z.string());

export async function saveSysctls(file: string): Promise<void> {
  const saved: Record<string, string> = {};
  for (const name of CHANGED_BY_KUBELET) saved[name] = (await readFile(`/proc/sys/${name}`, 'utf8')).trim();
  await writeFile(file, JSON.stringify(saved));
}

export async function restoreSysctls(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  for (const [name, value] of Object.entries(Saved.parse(JSON.parse(text)))) {
    await writeFile(`/proc/sys/${name}`, value);
  }
}
