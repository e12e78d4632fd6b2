import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../process/clock.ts';
import { type FolderContent, ManifestFolder } from './manifest-folder.ts';

const server = (name: string, methods = '[read]') =>
  `apiVersion: crispmcp.io/v1alpha1\nkind: CrispMcpServer\nmetadata: { name: ${name} }\nspec: { accountRef: { name: a }, methods: ${methods} }\n`;

describe('a manifest folder', () => {
  let path: string;
  let seen: FolderContent[];
  let folder: ManifestFolder;
  let wake: () => void;

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'manifests-'));
    seen = [];
    wake = () => undefined;
    folder = new ManifestFolder({
      path,
      variables: {},
      clock: systemClock,
      changed: async (content) => {
        seen.push(content);
        wake();
      },
    });
  });
  afterEach(async () => {
    await folder.close();
    await rm(path, { recursive: true });
  });

  const nextChange = () => {
    const count = seen.length;
    return new Promise<FolderContent>((resolve) => {
      const check = () => {
        const content = seen[count];
        if (content !== undefined) resolve(content);
      };
      wake = check;
      check();
    });
  };
  const names = (content: FolderContent | undefined) => content?.manifests.map(({ object }) => object.metadata.name);

  test('reports what is there at start and each change after', async () => {
    await writeFile(join(path, 'a.yaml'), server('one'));
    await folder.start();
    expect(names(seen[0])).toEqual(['one']);
    const changed = nextChange();
    await writeFile(join(path, 'b.yaml'), server('two'));
    expect(names(await changed)).toEqual(['one', 'two']);
    const removed = nextChange();
    await rm(join(path, 'a.yaml'));
    expect(names(await removed)).toEqual(['two']);
  });

  test('keeps the last good content of a file that breaks, and says where it breaks', async () => {
    await writeFile(join(path, 'a.yaml'), server('one'));
    await folder.start();
    const changed = nextChange();
    await writeFile(join(path, 'a.yaml'), server('one', '[raed]'));
    const content = await changed;
    expect(names(content)).toEqual(['one']);
    expect(content.problems).toMatchObject([{ file: 'a.yaml', line: 4 }]);
  });

  test('keeps the first of two manifests for one object and names both places', async () => {
    await writeFile(join(path, 'a.yaml'), server('one'));
    await writeFile(join(path, 'b.yaml'), server('one', '[write]'));
    await folder.start();
    expect(seen[0]?.manifests).toMatchObject([{ file: 'a.yaml' }]);
    expect(seen[0]?.problems).toMatchObject([{ file: 'b.yaml', message: expect.stringContaining('a.yaml, line 1') }]);
  });

  test('does not read what is no manifest', async () => {
    await writeFile(join(path, '.a.yaml.swp'), 'x');
    await writeFile(join(path, 'notes.txt'), 'x');
    await folder.start();
    expect(seen).toEqual([{ manifests: [], problems: [] }]);
  });

  test('fails at start when there is no such folder', async () => {
    const missing = new ManifestFolder({
      path: join(path, 'missing'),
      variables: {},
      clock: systemClock,
      changed: async () => undefined,
    });
    await expect(missing.start()).rejects.toThrow(/cannot be read \(ENOENT\).*--manifests/);
  });
});
