import {
  type CallToolResult,
  createRequestStateCodec,
  type InputRequiredResult,
  inputRequired,
  type PromptMessage,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { FeatureExchange, Features } from '../../../src/gateway/features/features.ts';
import { CLIENT_CAPABILITIES_META } from '../../../src/gateway/protocol-era.ts';
import { FEATURE_TOOLS, type FeatureTool } from './fixture-tools.ts';

/**
 * Prompts, resources, completions and special tools as the conformance suite wants them: what no Crisp server has, but
 * whose travelling through the gateway the suite can judge.
 */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const SILENCE = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=';
const IMAGE = { type: 'image', data: PIXEL, mimeType: 'image/png' } as const;
const PAUSE = 50;
/** So long may a list be kept; nothing depends on the figure. */
const CACHED = { ttlMs: 60_000, cacheScope: 'private' } as const;

export interface FixtureWorld {
  /** Edits the filter of the server. */
  changeTools(): void;
}

const states = createRequestStateCodec<{ round: number }>({ key: new Uint8Array(32).fill(7) });

export function fixtureFeatures(world: FixtureWorld): Features {
  return {
    ownTools: new Set(FEATURE_TOOLS),
    serverOptions: { requestState: { verify: states.verify } },
    capabilities: (_toolset, era) => ({
      prompts: { listChanged: true },
      resources: { listChanged: true, ...(era === 'legacy' ? { subscribe: true } : {}) },
      completions: {},
      logging: {},
    }),
    register(server, exchange) {
      registerTools(server, world);
      registerPrompts(server);
      registerResources(server, exchange);
      server.setRequestHandler('completion/complete', () => ({ completion: { values: [], total: 0, hasMore: false } }));
      if (exchange.era === 'legacy') server.setRequestHandler('logging/setLevel', () => ({}));
    },
  };
}

type ToolResult = CallToolResult | InputRequiredResult;
type Act = (context: ServerContext) => ToolResult | Promise<ToolResult>;

function registerTools(server: Server, world: FixtureWorld): void {
  const acts = toolActs(world);
  server.setRequestHandler('tools/call', (request, context) => {
    const name = FEATURE_TOOLS.find((known) => known === request.params.name);
    if (name === undefined) throw new Error(`not a tool of the fixture: ${request.params.name}`);
    return acts[name](context);
  });
}

function toolActs(world: FixtureWorld): Record<FeatureTool, Act> {
  return {
    test_image_content: () => ({ content: [IMAGE] }),
    test_audio_content: () => ({ content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }] }),
    test_embedded_resource: () => ({
      content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
    }),
    test_multiple_content_types: () => ({
      content: [
        { type: 'text', text: 'Multiple content types test:' },
        IMAGE,
        embedded('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ],
    }),
    test_tool_with_logging: logThrice,
    test_logging_tool: logThrice,
    test_tool_with_progress: async ({ mcpReq }) => {
      const progressToken = mcpReq._meta?.progressToken;
      for (const progress of [0, 50, 100]) {
        if (progressToken !== undefined) {
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
        }
        await pause();
      }
      return text('done');
    },
    test_missing_capability: () =>
      inputRequired({ inputRequests: { answer: inputRequired.createMessage(sampling()) } }),
    test_streaming_elicitation: () => ask('user_name'),
    test_trigger_tool_change: () => changed(world),
    test_trigger_prompt_change: () => changed(world),
    test_input_required_result_elicitation: (context) => {
      const name = accepted(context, 'user_name')?.name;
      return typeof name === 'string' ? text(`Hello, ${name}!`) : ask('user_name');
    },
    test_input_required_result_sampling: ({ mcpReq }) =>
      mcpReq.inputResponses?.capital_question === undefined
        ? inputRequired({ inputRequests: { capital_question: inputRequired.createMessage(sampling()) } })
        : text(JSON.stringify(mcpReq.inputResponses.capital_question)),
    test_input_required_result_list_roots: ({ mcpReq }) =>
      mcpReq.inputResponses?.client_roots === undefined
        ? inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
        : text(JSON.stringify(mcpReq.inputResponses.client_roots)),
    test_input_required_result_request_state: stateful,
    test_input_required_result_tampered_state: stateful,
    test_input_required_result_multiple_inputs: async ({ mcpReq }) =>
      mcpReq.requestState() === undefined
        ? inputRequired({
            inputRequests: {
              user_name: elicit('user_name'),
              greeting: inputRequired.createMessage(sampling()),
              client_roots: inputRequired.listRoots(),
            },
            requestState: await states.mint({ round: 1 }),
          })
        : text('all inputs received'),
    test_input_required_result_multi_round: async ({ mcpReq }) => {
      const round = (mcpReq.requestState<{ round: number }>()?.round ?? 0) + 1;
      if (round > 2) return text('both rounds done');
      const step = `step${round}`;
      return inputRequired({ inputRequests: { [step]: elicit(step) }, requestState: await states.mint({ round }) });
    },
    test_input_required_result_capabilities: (context) => {
      if (declares(context, 'elicitation')) return ask('user_name');
      if (declares(context, 'sampling')) {
        return inputRequired({ inputRequests: { question: inputRequired.createMessage(sampling()) } });
      }
      return text('nothing can be asked of this client');
    },
  };
}

const stateful: Act = async ({ mcpReq }) =>
  mcpReq.requestState() === undefined
    ? inputRequired({ inputRequests: { confirm: elicit('confirm') }, requestState: await states.mint({ round: 1 }) })
    : text('state-ok');

const logThrice: Act = async ({ mcpReq }) => {
  for (const message of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
    await mcpReq.log('info', message);
    await pause();
  }
  return text('done');
};

function changed(world: FixtureWorld): ToolResult {
  world.changeTools();
  return text('changed');
}

function registerPrompts(server: Server): void {
  const prompts = [
    { name: 'test_simple_prompt', description: 'Says one thing' },
    {
      name: 'test_prompt_with_arguments',
      description: 'Repeats its arguments',
      arguments: [
        { name: 'arg1', description: 'First', required: true },
        { name: 'arg2', description: 'Second', required: true },
      ],
    },
    {
      name: 'test_prompt_with_embedded_resource',
      description: 'Holds a resource',
      arguments: [{ name: 'resourceUri', description: 'Which', required: true }],
    },
    { name: 'test_prompt_with_image', description: 'Holds a picture' },
    { name: 'test_input_required_result_prompt', description: 'Asks back' },
  ];
  server.setRequestHandler('prompts/list', () => ({ prompts, ...CACHED }));
  server.setRequestHandler('prompts/get', (request, context) => {
    const { name, arguments: given = {} } = request.params;
    const content = new Map<string, PromptMessage['content']>(
      Object.entries({
        test_simple_prompt: { type: 'text' as const, text: 'This is a simple prompt for testing.' },
        test_prompt_with_arguments: {
          type: 'text' as const,
          text: `Prompt with arguments: arg1='${given.arg1}', arg2='${given.arg2}'`,
        },
        test_prompt_with_embedded_resource: embedded(
          given.resourceUri ?? '',
          'text/plain',
          'Embedded resource content.',
        ),
        test_prompt_with_image: IMAGE,
      }),
    ).get(name);
    if (content !== undefined) return { messages: [{ role: 'user', content }] };
    const answer = accepted(context, 'user_context');
    return answer === undefined
      ? ask('user_context')
      : { messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(answer) } }] };
  });
}

function registerResources(server: Server, { sdk, era }: FeatureExchange): void {
  const resources = ['test://static-text', 'test://static-binary', 'test://watched-resource'].map((uri) => ({
    uri,
    name: uri.slice('test://'.length),
    description: 'A resource of the fixture',
    mimeType: uri.endsWith('binary') ? 'image/png' : 'text/plain',
  }));
  const template = {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    description: 'Data by id',
    mimeType: 'application/json',
  };
  server.setRequestHandler('resources/list', () => ({ resources, ...CACHED }));
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: [template], ...CACHED }));
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
    if (id !== undefined) {
      const data = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
      return { contents: [{ uri, mimeType: 'application/json', text: data }], ...CACHED };
    }
    const known = resources.find((resource) => resource.uri === uri);
    if (known === undefined) throw new sdk.ResourceNotFoundError(uri);
    const { mimeType } = known;
    return {
      contents: [
        mimeType === 'image/png'
          ? { uri, mimeType, blob: PIXEL }
          : { uri, mimeType, text: 'This is the content of the static text resource.' },
      ],
      ...CACHED,
    };
  });
  if (era === 'modern') return;
  server.setRequestHandler('resources/subscribe', () => ({}));
  server.setRequestHandler('resources/unsubscribe', () => ({}));
}

function text(content: string): CallToolResult {
  return { content: [{ type: 'text', text: content }] };
}

function embedded(uri: string, mimeType: string, content: string) {
  return { type: 'resource' as const, resource: { uri, mimeType, text: content } };
}

function elicit(field: string) {
  return inputRequired.elicit({
    message: `What is ${field}?`,
    requestedSchema: { type: 'object', properties: { name: { type: 'string' } } },
  });
}

function ask(field: string): InputRequiredResult {
  return inputRequired({ inputRequests: { [field]: elicit(field) } });
}

function sampling() {
  return {
    messages: [{ role: 'user' as const, content: { type: 'text' as const, text: 'What is the capital of France?' } }],
    maxTokens: 100,
  };
}

function declares({ mcpReq }: ServerContext, capability: string): boolean {
  const declared: unknown = Reflect.get(mcpReq.envelope ?? {}, CLIENT_CAPABILITIES_META);
  return typeof declared === 'object' && declared !== null && capability in declared;
}

/** What the user answered, if it is an answer. */
function accepted({ mcpReq }: ServerContext, field: string): Record<string, unknown> | undefined {
  const response: unknown = mcpReq.inputResponses?.[field];
  if (typeof response !== 'object' || response === null || !('content' in response)) return undefined;
  const { content } = response;
  return typeof content === 'object' && content !== null ? { ...content } : undefined;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE));
}
