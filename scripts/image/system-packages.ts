import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import { sharedLibraries } from './shared-libraries.ts';

/**
 * The packages of this machine's distribution that own the shared libraries in the image, for its bill of materials. On a
 * system without dpkg a library is listed by its path alone.
 */
export interface SystemPackage {
  readonly name: string;
  readonly version: string | undefined;
  /** Package URL, of a package whose version is known. */
  readonly purl: string | undefined;
}

const run = (program: string, argv: readonly string[]): Promise<string | undefined> =>
  promisify(execFile)(program, argv, { timeout: 30_000, env: { ...process.env, LC_ALL: 'C' } }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );

export async function systemPackages(program: string): Promise<SystemPackage[]> {
  const release = Object.fromEntries(
    (await readFile('/etc/os-release', 'utf8').catch(() => '')).split('\n').map((line) => {
      const [key = '', value = ''] = line.split('=');
      return [key, value.replaceAll('"', '')];
    }),
  );
  const found = new Map<string, SystemPackage>();
  for (const { path, content } of await sharedLibraries(program)) {
    const item = (await owner(path, content.kind === 'file' ? content.source : path, release)) ?? {
      name: path,
      version: undefined,
      purl: undefined,
    };
    found.set(item.name, item);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function owner(
  path: string,
  source: string,
  release: Readonly<Record<string, string | undefined>>,
): Promise<SystemPackage | undefined> {
  // Where /lib is a link to /usr/lib, dpkg knows a file by the one name or the other.
  const names = new Set([path, source, `/usr${path}`, source.replace(/^\/usr/, ''), await realpath(path)]);
  for (const name of names) {
    const answer = await run('dpkg-query', ['--search', name]);
    const qualified = answer?.slice(0, answer.indexOf(': '));
    if (qualified === undefined || qualified === '') continue;
    const [shown] = qualified.split(',');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholders.
    const text = await run('dpkg-query', ['--show', '--showformat=${Package} ${Version} ${Architecture}', shown ?? '']);
    const [packageName, version, architecture] = text?.split(' ') ?? [];
    if (packageName === undefined || version === undefined) continue;
    const { ID = 'debian', VERSION_ID = '' } = release;
    const purl = `pkg:deb/${ID}/${encodeURIComponent(packageName)}@${encodeURIComponent(version)}?arch=${architecture}&distro=${ID}-${VERSION_ID}`;
    return { name: packageName, version, purl };
  }
  return undefined;
}
