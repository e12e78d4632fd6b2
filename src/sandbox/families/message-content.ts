import { z } from 'zod';

/** What a message may be: nine types, each with its own content. The schemas of Send and Update A Message. */
const Text = z.string().min(1).max(100_000);
const Url = z.string().min(1).max(4_096);

export const CONTENT_BY_TYPE = {
  text: Text,
  note: Text,
  file: z.object({ name: z.string(), url: Url, type: z.string() }),
  animation: z.object({ url: Url, type: z.string() }),
  audio: z.object({ url: Url, type: z.string(), duration: z.number() }),
  picker: z.object({
    id: z.string(),
    text: z.string(),
    choices: z.array(
      z.object({
        value: z.string(),
        icon: z.string().optional(),
        label: z.string(),
        selected: z.boolean(),
        action: z.object({ type: z.string(), target: z.string() }).optional(),
      }),
    ),
    required: z.boolean().optional(),
  }),
  field: z.object({
    id: z.string(),
    text: z.string(),
    explain: z.string(),
    value: z.string().optional(),
    required: z.boolean().optional(),
  }),
  carousel: z.object({
    text: z.string(),
    targets: z.array(
      z.object({
        title: z.string(),
        description: z.string(),
        image: z.string().optional(),
        actions: z.array(z.object({ label: z.string(), url: Url })),
      }),
    ),
  }),
  event: z.object({ namespace: z.string(), text: z.string().optional() }),
} as const;

export type MessageType = keyof typeof CONTENT_BY_TYPE;

const TYPES: [MessageType, ...MessageType[]] = [
  'text',
  'note',
  'file',
  'animation',
  'audio',
  'picker',
  'field',
  'carousel',
  'event',
];

const Author = z.object({
  type: z.string().optional(),
  user_id: z.string().optional(),
  nickname: z.string().optional(),
  avatar: z.string().nullable().optional(),
});

/** The message without its content, which {@link CONTENT_BY_TYPE} checks once the type is known. */
export const NewMessage = z.object({
  type: z.enum(TYPES),
  from: z.enum(['user', 'operator']),
  origin: z.string().regex(/^(chat|email|urn:.+)$/),
  mentions: z.array(z.string()).optional(),
  fingerprint: z.int().min(0).optional(),
  user: Author.optional(),
  references: z.array(z.record(z.string(), z.unknown())).optional(),
  original: z
    .object({ type: z.string().optional(), content: z.string().optional(), original_id: z.string().optional() })
    .optional(),
  timestamp: z.int().min(0).optional(),
  stealth: z.boolean().optional(),
  translated: z.boolean().optional(),
  automated: z.boolean().optional(),
  properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});
export type NewMessage = z.infer<typeof NewMessage>;

export const HasContent = z.object({ content: z.unknown().refine((content) => content !== undefined) });

export function isMessageType(type: string): type is MessageType {
  return Object.hasOwn(CONTENT_BY_TYPE, type);
}
