import { readFile } from 'node:fs/promises';
import wabt from 'wabt';

/** Assembles WebAssembly text into a module of TypeScript that holds its bytes, so that nothing has to be found at run time. */
export async function wasmModule(path: string): Promise<string> {
  const { parseWat } = await wabt();
  const parsed = parseWat(path, await readFile(path, 'utf8'), { simd: true, bulk_memory: true });
  parsed.validate();
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const base64 = Buffer.from(buffer).toString('base64');
  return `/** In base64. */\nexport const WASM =\n  '${base64}';\n`;
}
