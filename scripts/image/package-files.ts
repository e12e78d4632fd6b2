/**
 * Which files of an installed npm package are needed to run it: code, data, native modules, and its licence. Types,
 * source maps, sources, tests, documents and the native parts for other runtimes than Node are not.
 */
const RUN = /\.(?:js|cjs|mjs|json|node|wasm)$/;
const LICENCE = /^(?:(?:un)?licen[cs]e|notice|copying|copyright|authors)\b[^/]*$/i;
const NOT_ENTERED = new Set(['test', 'tests', '__tests__', 'benchmark', 'benchmarks', 'examples', 'man', '.github']);
/** Native modules of the Bare runtime lie under `prebuilds`; no package of ours has any for Node. */
const FOREIGN = /^prebuilds\//;

/** `path` is within the package, with forward slashes. What lies in its own `node_modules` are packages in themselves. */
export function isPackageFileNeeded(path: string, isDirectory: boolean): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (isDirectory) return name !== 'node_modules' && !NOT_ENTERED.has(name);
  if (FOREIGN.test(path)) return false;
  return LICENCE.test(name) || RUN.test(name);
}
