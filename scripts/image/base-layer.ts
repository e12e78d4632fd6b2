import { access, realpath } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import type { BundledNode } from './bundled-node.ts';
import { CA_CERTIFICATES, NODE, NONROOT } from './image-description.ts';
import type { ImageLayer } from './oci-archive.ts';
import { sharedLibraries } from './shared-libraries.ts';
import type { TarEntry } from './tar.ts';

/**
 * The lowest layer: Node, the shared libraries it loads, one user without rights, certificates. No shell, no package
 * manager. The certificates are those that Node itself trusts, never this machine's, which may trust more than the world
 * does. Time zones need no files: Node has them inside.
 */
const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:${NONROOT.uid}:${NONROOT.gid}:nonroot:${NONROOT.home}:/sbin/nologin
`;
const GROUP = `root:x:0:
nobody:x:65534:
nonroot:x:${NONROOT.gid}:
`;
/** Which distribution the libraries are of, for scanners. */
const OS_RELEASE = '/etc/os-release';

export async function baseLayer({ program }: BundledNode): Promise<ImageLayer> {
  const entries: TarEntry[] = [
    ...(await sharedLibraries(program)),
    { path: NODE, content: { kind: 'file', source: await realpath(program) }, mode: 0o755 },
    text('/etc/passwd', PASSWD),
    text('/etc/group', GROUP),
    text('/etc/nsswitch.conf', 'hosts: files dns\n'),
    text(CA_CERTIFICATES, `${rootCertificates.toSorted().join('\n')}\n`),
    { path: '/tmp', content: { kind: 'directory' }, mode: 0o1777 },
    { path: NONROOT.home, content: { kind: 'directory' }, mode: 0o700, uid: NONROOT.uid, gid: NONROOT.gid },
  ];
  const hasRelease = await access(OS_RELEASE).then(
    () => true,
    () => false,
  );
  if (hasRelease) entries.push({ path: OS_RELEASE, content: { kind: 'file', source: await realpath(OS_RELEASE) } });
  return { comment: 'Node and its libraries', entries };
}

function text(path: string, content: string): TarEntry {
  return { path, content: { kind: 'text', text: content } };
}
