import { join } from 'node:path';
import { nodeLicence } from './bundled-node.ts';
import { folderEntries } from './folder-entries.ts';
import { APP } from './image-description.ts';
import type { ImageLayer } from './oci-archive.ts';
import { isPackageFileNeeded } from './package-files.ts';
import { productionPackages } from './production-packages.ts';
import type { TarEntry } from './tar.ts';
import { noticeOfPackage, thirdPartyNotices } from './third-party-notices.ts';

/**
 * The two layers above Node: the production dependencies, which change with the lock file, and the program, which changes
 * with each commit. All of it root's and writable by nobody.
 */
export interface ApplicationLayers {
  readonly dependencies: ImageLayer;
  readonly application: ImageLayer;
}

export interface ApplicationOptions {
  readonly root: string;
  /** The compiled program. */
  readonly dist: string;
  /** Of the commit, in seconds: files served over HTTP are told apart by it. */
  readonly epoch: number;
}

export async function applicationLayers({ root, dist, epoch }: ApplicationOptions): Promise<ApplicationLayers> {
  const packages = await productionPackages(root);
  const modules = await Promise.all(
    packages.map((item) =>
      folderEntries(join(root, item.path), { at: `${APP}/${item.path}`, wanted: isPackageFileNeeded }),
    ),
  );
  const notices = [
    { title: 'Node.js', texts: [await nodeLicence()] },
    ...(await Promise.all(packages.map((item) => noticeOfPackage(root, item)))),
  ];
  return {
    dependencies: {
      comment: 'production dependencies',
      entries: [
        ...withoutEmptyDirectories(modules.flat()),
        { path: `${APP}/THIRD-PARTY-NOTICES`, content: { kind: 'text', text: thirdPartyNotices(notices) } },
      ],
    },
    application: {
      comment: 'crisp-mcp',
      epoch,
      entries: [
        ...(await folderEntries(dist, { at: `${APP}/dist`, wanted: (path) => !path.endsWith('.map') })),
        ...(await folderEntries(join(root, 'examples'), { at: `${APP}/examples` })),
        ...['package.json', 'LICENSE'].map(
          (file): TarEntry => ({ path: `${APP}/${file}`, content: { kind: 'file', source: join(root, file) } }),
        ),
      ],
    },
  };
}

/** Parents come with their files; those whose files were all left out need not be there. */
function withoutEmptyDirectories(entries: readonly TarEntry[]): TarEntry[] {
  return entries.filter((entry) => entry.content.kind !== 'directory');
}
