import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The same tools for everyone: those that the gateway lists. */
const toolSchema = z.looseObject({
  name: z.string(),
  description: z.string(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
});

export type ListedTool = z.infer<typeof toolSchema>;

export function readTools(file: string): ListedTool[] {
  return z.array(toolSchema).parse(JSON.parse(readFileSync(file, 'utf8')));
}
