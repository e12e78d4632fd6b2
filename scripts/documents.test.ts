import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

/**
 * What the documents point at is there: every relative link with its anchor, every npm script, every path of ours in
 * code. And whoever begins at the README finds every page. Links to other sites are not followed.
 */
const ROOT = join(import.meta.dirname, '..');
const DOCUMENTS = globSync(['*.md', '.github/**/*.md', '{charts,deploy,docs,examples,test,tools}/**/*.md'], {
  cwd: ROOT,
  exclude: ['**/node_modules/**'],
}).sort();
const textOf = (document: string) => readFileSync(join(ROOT, document), 'utf8');

/** Without what is shown as code: what looks like a link in there is none. */
const proseOf = (text: string) => text.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, '');

function linksOf(text: string): string[] {
  const targets = [...proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of text.replaceAll(/^```.*?^```/gms, '').matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const visible = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = visible.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** Why a link leads nowhere. */
function problemOf(document: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#', 2);
  const target = path === '' ? join(ROOT, document) : resolve(ROOT, dirname(document), path);
  if (!existsSync(target)) return `${link}: there is no ${relative(ROOT, target)}`;
  if (anchor === undefined || !target.endsWith('.md')) return undefined;
  return anchorsOf(readFileSync(target, 'utf8')).has(anchor) ? undefined : `${link}: there is no such heading`;
}

/** All that can be reached from one document by links. */
function reachableFrom(start: string): Set<string> {
  const found = new Set([start]);
  for (const document of found) {
    for (const link of linksOf(textOf(document))) {
      const path = link.split('#', 1)[0] ?? '';
      const target = path === '' ? document : relative(ROOT, resolve(ROOT, dirname(document), path));
      if (DOCUMENTS.includes(target)) found.add(target);
      if (DOCUMENTS.includes(join(target, 'README.md'))) found.add(join(target, 'README.md'));
    }
  }
  return found;
}

describe.each(DOCUMENTS)('%s', (document) => {
  const text = textOf(document);

  test('has no link that leads nowhere', () => {
    const problems = linksOf(text).map((link) => problemOf(document, link));
    expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
  });

  test('names npm scripts that there are', () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
    const named = [...text.matchAll(/npm run ([a-z][a-z0-9:]*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('names files of ours that there are', () => {
    const paths = [
      ...text.matchAll(/`((?:(?:src|scripts|test|charts|deploy|docs|examples)\/[\w./-]+|tools\/[\w-]+\.[\w.]+))`/g),
    ];
    const named = paths.map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

test('whoever begins at the README finds every page', () => {
  const found = reachableFrom('README.md');
  const pages = DOCUMENTS.filter((document) => /^(docs|charts|deploy)\//.test(document) || !document.includes('/'));
  expect(pages.filter((page) => !found.has(page))).toEqual([]);
});
