import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseManifestFile } from './manifest-file.ts';
import { ensureStarterFolder } from './starter-folder.ts';

const examples = join(import.meta.dirname, '../../../examples');
const now = Date.parse('2026-03-01T08:00:00Z');
const variables = {
  CRISP_IDENTIFIER: 'i',
  CRISP_KEY: 'k',
  CRISP_TIER: 'plugin',
  CRISP_API_URL: 'https://api.crisp.chat',
  CRISP_WEBSITE_ID: '8c842203-7ed8-4e29-a608-7cf78a7d2fcc',
};

describe('the starter folder', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'starter-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  test('holds every example as a valid manifest with expiry times counted from now', async () => {
    const folder = join(root, 'data', 'manifests');
    expect(await ensureStarterFolder({ examples, folder, now })).toBe(true);
    const expiries: unknown[] = [];
    for (const name of await readdir(folder)) {
      const parsed = parseManifestFile(name, await readFile(join(folder, name), 'utf8'), variables);
      expect(parsed).toMatchObject({ ok: true });
      if (!parsed.ok) continue;
      for (const { object } of parsed.manifests) {
        if (object.kind === 'CrispMcpServer' && 'spec' in object) expiries.push(object.spec);
      }
    }
    expect(expiries).toHaveLength(3);
    expect(expiries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ expiresAt: '2026-03-01T16:00:00Z' }),
        expect.objectContaining({ expiresAt: '2026-03-01T08:10:00Z' }),
        expect.not.objectContaining({ expiresAt: expect.anything() }),
      ]),
    );
  });

  test('is left alone when it exists', async () => {
    await writeFile(join(root, 'mine.yaml'), 'mine');
    expect(await ensureStarterFolder({ examples, folder: root, now })).toBe(false);
    expect(await readdir(root)).toEqual(['mine.yaml']);
  });
});
