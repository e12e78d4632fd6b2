import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProductionPackage } from './production-packages.ts';

/**
 * The licences of all that is in the image beside our own code, in one text: what most of them ask for when they are
 * passed on. Equal texts are printed once, under all the packages that they cover.
 */
export interface Notice {
  /** `express 5.3.0 (MIT)`. */
  readonly title: string;
  readonly texts: readonly string[];
}

const LICENCE = /^(?:(?:un)?licen[cs]e|notice|copying)\b/i;

export async function noticeOfPackage(root: string, item: ProductionPackage): Promise<Notice> {
  return { title: `${item.name} ${item.version} (${item.license})`, texts: await licenceTexts(join(root, item.path)) };
}

async function licenceTexts(folder: string): Promise<string[]> {
  const files = (await readdir(folder)).filter((file) => LICENCE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim());
}

export function thirdPartyNotices(notices: readonly Notice[]): string {
  const byText = new Map<string, string[]>();
  for (const notice of notices) {
    const text = notice.texts.length === 0 ? '(No licence text in the package.)' : notice.texts.join('\n\n');
    byText.set(text, [...(byText.get(text) ?? []), notice.title]);
  }
  const line = '='.repeat(80);
  const parts = [...byText].map(([text, titles]) => `${line}\n${titles.join('\n')}\n${line}\n\n${text}\n`);
  return `Third-party software in this image, and its licences.\n\n${parts.join('\n')}`;
}
