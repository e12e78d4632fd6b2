import type { JsonSchema, Tool } from '../../../src/catalog/tool.ts';
import { tool } from '../../../src/gateway/fakes.ts';

/** The tools that the conformance suite looks for, under the names it gives them. They exist in tests alone. */
const NO_ARGUMENTS: JsonSchema = { type: 'object', properties: {} };

const SCHEMA_2020_12: JsonSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
};

/** Answered by the gateway's own path for tools, from what a scripted Crisp says. */
const PLAIN_TOOLS = ['test_simple_text', 'test_error_handling', 'json_schema_2020_12_tool'] as const;

/** Answered by the SDK's server: pictures, notifications and questions, none of which a Crisp tool has. */
export const FEATURE_TOOLS = [
  'test_image_content',
  'test_audio_content',
  'test_embedded_resource',
  'test_multiple_content_types',
  'test_tool_with_logging',
  'test_tool_with_progress',
  'test_missing_capability',
  'test_streaming_elicitation',
  'test_logging_tool',
  'test_trigger_tool_change',
  'test_trigger_prompt_change',
  'test_input_required_result_elicitation',
  'test_input_required_result_sampling',
  'test_input_required_result_list_roots',
  'test_input_required_result_request_state',
  'test_input_required_result_multiple_inputs',
  'test_input_required_result_multi_round',
  'test_input_required_result_tampered_state',
  'test_input_required_result_capabilities',
] as const;
export type FeatureTool = (typeof FEATURE_TOOLS)[number];

/** Listed or not by the filter that the triggers edit. */
export const CHANGING_TOOL = 'test_tool_that_comes_and_goes';

export const FIXTURE_TOOLS: readonly Tool[] = [...PLAIN_TOOLS, ...FEATURE_TOOLS, CHANGING_TOOL]
  .sort()
  .map((name) => tool(name, { inputSchema: name === 'json_schema_2020_12_tool' ? SCHEMA_2020_12 : NO_ARGUMENTS }));
