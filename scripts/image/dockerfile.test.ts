import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { imageConfig } from './image-description.ts';

/**
 * Holds the Dockerfile against the description that `npm run image` writes. No engine is asked: a Dockerfile is a list of
 * instructions, and these are the few that decide what an image is.
 */
const ROOT = join(import.meta.dirname, '../..');
const argument = (name: string): string => `\${${name}}`;
const PLACEHOLDERS = { version: argument('VERSION'), revision: argument('REVISION'), source: argument('SOURCE') };
const Words = z.array(z.string());

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

const stages: Instruction[][] = [];
let text = '';

function instructionsOf(dockerfile: string): Instruction[] {
  const joined = dockerfile.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, '');
  return joined.split('\n').flatMap((line) => {
    const match = /^([A-Z]+)\s+(.+)$/.exec(line.trim());
    return match?.[1] === undefined || match[2] === undefined ? [] : [{ name: match[1], rest: match[2] }];
  });
}

function last(name: string): string {
  const found = stages.at(-1)?.findLast((instruction) => instruction.name === name);
  if (found === undefined) throw new Error(`the last stage has no ${name}`);
  return found.rest;
}

function pairs(rest: string): [string, string][] {
  return [...rest.matchAll(/(\S+?)=(?:"([^"]*)"|(\S+))/g)].map((match) => [match[1] ?? '', match[2] ?? match[3] ?? '']);
}

beforeAll(async () => {
  text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
  for (const instruction of instructionsOf(text)) {
    if (instruction.name === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction);
  }
});

describe('the Dockerfile describes the same image as npm run image', () => {
  test('user, entry point, default command, folder and environment', async () => {
    const config = await expected();
    expect(last('USER')).toBe(config.User);
    expect(last('WORKDIR')).toBe(config.WorkingDir);
    expect(Words.parse(JSON.parse(last('ENTRYPOINT')))).toEqual(config.Entrypoint);
    expect(Words.parse(JSON.parse(last('CMD')))).toEqual(config.Cmd);
    expect(pairs(last('ENV')).map(([key, value]) => `${key}=${value}`)).toEqual(config.Env);
  });

  test('labels, word for word', async () => {
    expect(Object.fromEntries(pairs(last('LABEL')))).toEqual((await expected()).Labels);
  });

  test('source is the repository of package.json, unless told', async () => {
    expect(last('ARG')).toBe(`SOURCE=${(await ownPackage()).repository.url.replace(/^git\+|\.git$/g, '')}`);
  });

  test('the last stage only copies what scripts/stage-image.ts wrote: dependencies, then the program', () => {
    const copies = stages.at(-1)?.filter(({ name }) => name === 'COPY' || name === 'ADD' || name === 'RUN');
    expect(copies?.map(({ rest }) => rest)).toEqual([
      '--from=build /stage/dependencies/ /',
      '--from=build /stage/application/ /',
    ]);
    expect(stages[0]?.at(-1)).toEqual({ name: 'RUN', rest: 'node scripts/stage-image.ts /stage' });
  });

  test('Node 24 in both stages: distroless, nonroot at the end', () => {
    const bases = stages.map(([from]) => from?.rest);
    expect(bases).toEqual([
      '--platform=$BUILDPLATFORM node:24-bookworm-slim AS build',
      'gcr.io/distroless/nodejs24-debian12:nonroot',
    ]);
  });

  test('no line that a Dockerfile does not have', () => {
    const KNOWN = ['FROM', 'WORKDIR', 'COPY', 'RUN', 'ENV', 'USER', 'ENTRYPOINT', 'CMD', 'ARG', 'LABEL'];
    const lines = text.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, '');
    for (const line of lines.split('\n').filter((one) => one.trim() !== '')) {
      expect(KNOWN).toContain(/^[A-Z]+(?= )/.exec(line)?.[0]);
    }
  });
});

describe('what an engine is sent', () => {
  test('nothing but what the build reads', async () => {
    const rules = (await readFile(join(ROOT, '.dockerignore'), 'utf8'))
      .split('\n')
      .filter((line) => /^[^#]/.test(line));
    expect(rules[0]).toBe('*');
    const admitted = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1));
    for (const path of admitted) await expect(readFile(join(ROOT, path)).catch(isFolder)).resolves.toBeDefined();
    expect(admitted).not.toContain('.git');
    expect(admitted).not.toContain('node_modules');
  });
});

function isFolder(error: NodeJS.ErrnoException): true {
  if (error.code !== 'EISDIR') throw error;
  return true;
}

async function ownPackage() {
  const Package = z.object({ description: z.string(), license: z.string(), repository: z.object({ url: z.string() }) });
  return Package.parse(JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')));
}

async function expected() {
  const { description, license } = await ownPackage();
  return imageConfig({ description, license, ...PLACEHOLDERS });
}
