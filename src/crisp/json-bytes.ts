import { isUtf8 } from 'node:buffer';
import { WASM } from './json-bytes.wasm.ts';

/**
 * What is done to every byte of an answer of Crisp, sixteen at a time in WebAssembly (json-bytes.wat): finding the end of
 * a JSON value, and escaping it into a JSON string. In JavaScript these two were more than a quarter of the time of a call with
 * a large result. Both take up to {@link MOST_BYTES}; what is larger, and rare, goes the slow way. Synchronous and not reentrant,
 * so that one memory serves all.
 */
export const MOST_BYTES = 128 * 1_024;
/** Must be that of json-bytes.wat. */
const OUTPUT = 131_136;

/** Of what every Node has and its types leave to browsers. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  skip(start: number, length: number): number;
  commas(): number;
  escape(length: number): number;
}

const instance = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(WASM, 'base64')));
const native = instance.exports as Exports;
const bytesOfMemory = new Uint8Array(native.memory.buffer);
let loaded: Buffer | undefined;

/**
 * Position after the JSON object or array that starts at `start`, and how many commas its first level has; `undefined`
 * when it is cut off. Several values of the same bytes may be skipped one after the other at no more cost than one.
 */
export function skipContainerNatively(bytes: Buffer, start: number): { end: number; commas: number } | undefined {
  load(bytes);
  const end = native.skip(start, bytes.length);
  return end === 0 ? undefined : { end, commas: native.commas() };
}

/**
 * `before`, then `text` as the inside of a JSON string, then `after`, in UTF-8. `undefined` when the text is too large or
 * not well-formed UTF-8.
 */
export function surroundEscaped(before: string, text: Buffer, after: string): Buffer | undefined {
  if (text.length > MOST_BYTES || !isUtf8(text)) return undefined;
  load(text);
  loaded = undefined;
  const length = native.escape(text.length);
  const lengthBefore = Buffer.byteLength(before);
  const whole = Buffer.allocUnsafe(lengthBefore + length + Buffer.byteLength(after));
  whole.write(before, 0);
  whole.set(bytesOfMemory.subarray(OUTPUT, OUTPUT + length), lengthBefore);
  whole.write(after, lengthBefore + length);
  return whole;
}

function load(bytes: Buffer): void {
  if (loaded === bytes) return;
  bytesOfMemory.set(bytes);
  loaded = bytes;
}
