/** Times for log lines, of which there are many in each second. */
let second = Number.NaN;
let secondText = '';

/** `toISOString`, but the text of a second is made once. */
export function isoTime(time: number): string {
  const current = Math.floor(time / 1_000);
  if (current !== second) {
    second = current;
    secondText = new Date(current * 1_000).toISOString().slice(0, 20);
  }
  return `${secondText}${String(time - current * 1_000).padStart(3, '0')}Z`;
}
