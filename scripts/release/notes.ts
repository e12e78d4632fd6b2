/**
 * The section of one version in CHANGELOG.md, without its heading: what a release says of itself. A version without a
 * section, or with an empty one, is an error: nobody should have to guess what changed.
 */
export function releaseNotes(changelog: string, version: string): string {
  const lines = changelog.split('\n');
  const isHeading = (line: string): boolean => line.startsWith('## ');
  const named = (line: string): boolean => /^## \[?([^\]\s]+)/.exec(line)?.[1] === version;
  const start = lines.findIndex((line) => isHeading(line) && named(line));
  if (start === -1) {
    throw new Error(`CHANGELOG.md has no section "## ${version}". Remedy: rename "Unreleased" to it, with the date`);
  }
  const length = lines.slice(start + 1).findIndex(isHeading);
  const notes = lines
    .slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join('\n')
    .trim();
  if (notes === '') throw new Error(`The section "## ${version}" of CHANGELOG.md is empty`);
  return `${notes}\n`;
}
