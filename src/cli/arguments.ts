import { InvalidArgumentError } from 'commander';

/** Parsers for values of options and environment variables; each says what it takes. */
export function port(text: string): number {
  return wholeNumber(text, 0, 65_535);
}

export function seconds(text: string): number {
  return wholeNumber(text, 0, 86_400);
}

export function positive(text: string): number {
  return wholeNumber(text, 1, 1_000_000);
}

export function wholeNumber(text: string, lowest: number, highest: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < lowest || value > highest) {
    throw new InvalidArgumentError(`Expected a whole number from ${lowest} to ${highest}.`);
  }
  return value;
}

/** A share of something: above 0, at most 1. */
export function share(text: string): number {
  const value = Number(text);
  if (!/^\d*\.?\d+$/.test(text) || !(value > 0 && value <= 1)) {
    throw new InvalidArgumentError('Expected a number above 0 and at most 1, such as 0.1.');
  }
  return value;
}

/** Environment variables are set to "false" as often as they are left out. */
export function yesOrNo(text: string): boolean {
  if (/^(yes|true|on|1)$/i.test(text)) return true;
  if (/^(no|false|off|0|)$/i.test(text)) return false;
  throw new InvalidArgumentError('Expected yes or no.');
}

/** Values between commas or of an option that is given several times; empty ones are dropped. */
export function list(text: string, previous: readonly string[] = []): string[] {
  const values = text
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
  return [...previous, ...values];
}

/** `http://host` or `https://host`, without a path. */
export function origin(text: string): string {
  const url = URL.parse(text);
  const plain =
    url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.password === '';
  if (!plain || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new InvalidArgumentError('Expected an origin such as https://mcp.example.com, without a path.');
  }
  return url.origin;
}

export function origins(text: string, previous: readonly string[] = []): string[] {
  return [...previous, ...list(text).map(origin)];
}

/** Where URLs begin: an origin, and a path when a proxy adds one; without a slash at the end. */
export function baseUrl(text: string): string {
  const url = URL.parse(text);
  if (
    url === null ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== ''
  ) {
    throw new InvalidArgumentError('Expected a URL such as https://mcp.example.com.');
  }
  return url.href.replace(/\/+$/, '');
}
