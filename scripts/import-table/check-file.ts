import { dirname, join, normalize } from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';
import { IMPORTABLE_BY_ALL, ROOMS, type RoomRule } from './rules.ts';

/**
 * Holds one source file of `src/` against the import table. Pure: path and text in, violations out. A test file (`x.test.ts`)
 * may also import `test/` and development dependencies, but no other rooms than its own may.
 */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export interface Packages {
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
}

interface Import {
  readonly from: string;
  readonly typeOnly: boolean;
  readonly start: number;
}

interface Use {
  readonly what: string;
  readonly start: number;
}

const CLOCK_CALLS = new Set(['setTimeout', 'setInterval', 'Date.now', 'performance.now', 'Math.random', 'new Date']);

/** `path` is relative to the project, with forward slashes: `src/gateway/admission.ts`. */
export function checkFile(path: string, text: string, packages: Packages): Violation[] {
  const name = roomOf(path);
  const rule = name === undefined ? undefined : ROOMS[name];
  const at = (start: number): number => text.slice(0, start).split('\n').length;
  const { imports, uses } = scan(path, text);
  const violations: Violation[] = [];
  const report = (start: number, message: string): void =>
    void violations.push({ file: path, line: at(start), message });

  if (name !== undefined && rule === undefined) {
    report(0, `src/${name} is not in the import table (scripts/import-table/rules.ts)`);
    return violations;
  }
  for (const one of imports) {
    const problem = one.from.startsWith('.')
      ? problemWithRoom(path, name, rule, one)
      : problemWithPackage(one, isTest(path), packages);
    if (problem !== undefined) report(one.start, problem);
  }
  if (rule?.injectedTime && !isTest(path)) {
    for (const use of uses)
      report(use.start, `${use.what} here: take the time or chance from the injected clock or random`);
  }
  return violations;
}

/** The folder directly under `src/`; `undefined` for `src/main.ts`, which may import everything. */
function roomOf(path: string): string | undefined {
  const [top, room, ...rest] = path.split('/');
  return top === 'src' && rest.length > 0 ? room : undefined;
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}

function problemWithRoom(
  path: string,
  name: string | undefined,
  rule: RoomRule | undefined,
  { from, typeOnly }: Import,
): string | undefined {
  const target = normalize(join(dirname(path), from));
  if (!target.startsWith('src/')) {
    if (isTest(path) && target.startsWith('test/')) return undefined;
    return target === 'package.json' ? undefined : `src/ must not import ${target}`;
  }
  const other = roomOf(target);
  if (rule === undefined || rule.may === 'everything' || other === name || other === IMPORTABLE_BY_ALL)
    return undefined;
  if (other === undefined) return `src/${name} must not import ${target}`;
  if (rule.may.includes(other)) return undefined;
  if (!rule.types.includes(other)) return `src/${name} must not import src/${other}`;
  return typeOnly ? undefined : `src/${name} may import only types of src/${other}`;
}

function problemWithPackage({ from, typeOnly }: Import, test: boolean, packages: Packages): string | undefined {
  if (from.startsWith('node:')) return undefined;
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/');
  if (packages.dependencies.has(name)) return undefined;
  const forDevelopment = packages.devDependencies.has(name) || packages.devDependencies.has(`@types/${name}`);
  if (forDevelopment && (test || typeOnly)) return undefined;
  return forDevelopment
    ? `${name} is a development dependency; the program that users run does not have it`
    : `${name} is not a dependency in package.json`;
}

function scan(path: string, text: string): { imports: Import[]; uses: Use[] } {
  const imports: Import[] = [];
  const uses: Use[] = [];
  const { program, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);
  const add = (source: unknown, typeOnly: boolean, start: number): void => {
    if (typeof source === 'object' && source !== null && 'value' in source && typeof source.value === 'string') {
      imports.push({ from: source.value, typeOnly, start });
    }
  };
  const use = (what: string, start: number): void => {
    if (CLOCK_CALLS.has(what)) uses.push({ what, start });
  };
  new Visitor({
    ImportDeclaration(node) {
      const allTypes =
        node.specifiers.length > 0 && node.specifiers.every((one) => 'importKind' in one && one.importKind === 'type');
      add(node.source, node.importKind === 'type' || allTypes, node.start);
    },
    ExportNamedDeclaration: (node) => add(node.source, node.exportKind === 'type', node.start),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === 'type', node.start),
    ImportExpression: (node) => add(node.source, false, node.start),
    TSImportType: (node) => add(node.source, true, node.start),
    CallExpression: (node) => use(text.slice(node.callee.start, node.callee.end), node.start),
    NewExpression(node) {
      if (node.arguments.length === 0) use(`new ${text.slice(node.callee.start, node.callee.end)}`, node.start);
    },
  }).visit(program);
  return { imports, uses };
}
