import { Crisp } from 'crisp-api';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ALL_TOOLS } from '../catalog/catalog.ts';
import { pathFields } from '../catalog/entry.ts';
import type { Arguments, Field, Fields } from '../catalog/fields.ts';
import type { Operation } from '../catalog/operation.ts';
import { OPERATIONS } from '../catalog/operations/index.ts';
import type { JsonSchema, JsonValue } from '../catalog/tool.ts';
import { silentLogger } from '../process/logger.ts';
import { createCrispCaller } from './caller.ts';
import type { CrispCaller } from './outcome.ts';
import { buildRequest } from './request.ts';
import { type RecordedRequest, type ScriptedCrisp, startScriptedCrisp } from './scripted-crisp.ts';

/**
 * The official client and this program send the same request for the same arguments: method, path by decoded segments,
 * query as sorted pairs, body as JSON, and for tools of one request also authorization, tier and content type. One row an
 * operation says how the client takes them. Known differences, none of them in the requests compared here: reserved
 * characters in a path are percent-encoded and a way up is refused; a query the client cannot express is left out by
 * `without`; defaults of ours (`from: operator`, page 1) are passed to the client explicitly.
 */
interface Row {
  readonly call: (args: Arguments) => readonly unknown[];
  /** Arguments that the client has no way to pass. */
  readonly without?: readonly string[];
}

const WEBSITE = '8c842203-7ed8-4e29-a608-7cf78a7d2fcc';
const CREDENTIAL = { identifier: 'identifier-1', key: 'key-1' };
const RUNS = 25;

const ROWS: Readonly<Record<string, Row>> = {
  'website.getWebsite': { call: () => [WEBSITE] },
  'website.deleteWebsite': { call: (a) => [WEBSITE, a.verify] },
  'website.listConversations': {
    call: ({ page_number, search_filter, ...query }) => [
      WEBSITE,
      page_number,
      search_filter === undefined
        ? flags(query)
        : { ...flags(query), search_type: 'filter', search_query: search_filter },
    ],
  },
  'website.createNewConversation': { call: () => [WEBSITE] },
  'website.getConversation': { call: (a) => [WEBSITE, a.session_id] },
  'website.getConversationState': { call: (a) => [WEBSITE, a.session_id] },
  'website.changeConversationState': { call: (a) => [WEBSITE, a.session_id, a.state, a.user, a.origin] },
  'website.getConversationMetas': { call: (a) => [WEBSITE, a.session_id] },
  'website.updateConversationMetas': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.getConversationRoutingAssign': { call: (a) => [WEBSITE, a.session_id] },
  'website.assignConversationRouting': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.markMessagesReadInConversation': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.markConversationAsUnread': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.getMessagesInConversation': {
    call: (a) => [WEBSITE, a.session_id, a.timestamp_before, a.timestamp_after, a.timestamp_around],
  },
  'website.sendMessageInConversation': { call: ({ session_id, ...body }) => [WEBSITE, session_id, body] },
  'website.getMessageInConversation': { call: (a) => [WEBSITE, a.session_id, a.fingerprint] },
  'website.updateMessageInConversation': { call: (a) => [WEBSITE, a.session_id, a.fingerprint, a.content] },
  'website.removeMessageInConversation': { call: (a) => [WEBSITE, a.session_id, a.fingerprint] },
  'website.listPeopleProfiles': {
    call: (a) => [
      WEBSITE,
      a.page_number,
      a.sort_field,
      a.sort_order,
      a.search_operator,
      a.search_filter,
      a.search_text,
    ],
    without: ['per_page', 'filter_date_start', 'filter_date_end'],
  },
  'website.addNewPeopleProfile': { call: (body) => [WEBSITE, body] },
  'website.getPeopleProfile': { call: (a) => [WEBSITE, a.people_id] },
  'website.savePeopleProfile': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.updatePeopleProfile': { call: ({ people_id, ...body }) => [WEBSITE, people_id, body] },
  'website.removePeopleProfile': { call: (a) => [WEBSITE, a.people_id] },
  'website.listHelpdeskLocales': { call: (a) => [WEBSITE, a.page_number] },
  'website.listHelpdeskTree': {
    call: (a) => [
      WEBSITE,
      a.locale,
      a.content_type,
      a.page_number,
      a.sub_path,
      a.search_title,
      a.filter_date_start,
      a.filter_date_end,
    ],
  },
  'website.resolveHelpdeskTreeContent': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.saveHelpdeskTreeContent': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path, a.content] },
  'website.resolveHelpdeskTreeMetadata': { call: (a) => [WEBSITE, a.locale, a.content_type, a.path] },
  'website.updateHelpdeskTreeMetadata': {
    call: ({ locale, content_type, path, ...body }) => [WEBSITE, locale, content_type, path, body],
  },
  'website.listCampaigns': {
    call: (a) => [WEBSITE, a.page_number],
    without: [
      'search_name',
      'filter_tag',
      'filter_type_one_shot',
      'filter_type_automated',
      'filter_status_not_configured',
      'filter_status_ready',
      'filter_status_paused',
      'filter_status_sending',
      'filter_status_done',
    ],
  },
  'website.getCampaign': { call: (a) => [WEBSITE, a.campaign_id] },
  'website.createNewCampaign': { call: (a) => [WEBSITE, a.type, a.name] },
  'website.listWebsiteOperators': { call: () => [WEBSITE] },
  'website.getWebsiteOperator': { call: (a) => [WEBSITE, a.user_id] },
};

let crisp: ScriptedCrisp;
let caller: CrispCaller;
let official: Crisp;

beforeAll(async () => {
  crisp = await startScriptedCrisp();
  caller = createCrispCaller({ allowedOrigins: [crisp.origin], logger: silentLogger });
  official = new Crisp();
  official.setRestHost(crisp.origin);
});
beforeEach(() => {
  crisp.requests.length = 0;
});
afterAll(async () => {
  await caller.close();
  await crisp.close();
});

test('every operation has a row', () => {
  expect(Object.keys(ROWS).sort()).toEqual(OPERATIONS.map(({ id }) => id).sort());
});

describe('the official client sends the same request', () => {
  test.each(OPERATIONS.map((operation) => [operation.id, operation] as const))('%s', async (id, operation) => {
    const row = ROWS[id];
    if (row === undefined) throw new Error(`no row for ${id}`);
    const fields = { ...pathFields(operation), ...operation.query, ...operation.body };
    await fc.assert(
      fc.asyncProperty(validArguments(operation, fields, row.without ?? []), async (args) => {
        crisp.requests.length = 0;
        await callOfficial(operation, row.call({ ...defaults(fields), ...args }));
        const ours = await callOurs(operation, args);
        const [theirs] = crisp.requests;
        expect(comparable(ours)).toEqual(comparable(theirs, 'authorization' in ours.headers));
      }),
      { numRuns: RUNS },
    );
  });
});

async function callOfficial(operation: Operation, args: readonly unknown[]): Promise<void> {
  official.authenticateTier(tierOf(operation), CREDENTIAL.identifier, CREDENTIAL.key);
  const method: unknown = Reflect.get(official.website, operation.id.replace('website.', ''));
  if (typeof method !== 'function') throw new Error(`the client has no ${operation.id}`);
  await Reflect.apply(method, official.website, args);
}

/** Through the whole caller where one tool is one request, else what the request builder makes of it. */
async function callOurs(operation: Operation, args: Arguments): Promise<RecordedRequest> {
  const tool = ALL_TOOLS.find(({ name }) => name === operation.tool?.name);
  if (tool === undefined) {
    const { method, path, body = '' } = buildRequest(operation, args, WEBSITE);
    return { method, url: path, headers: {}, body };
  }
  const access = {
    websiteId: WEBSITE,
    apiUrl: crisp.origin,
    credentials: new Map([[tierOf(operation), CREDENTIAL]]),
  };
  const outcome = await caller.call(tool, args, access, new AbortController().signal);
  if (outcome.kind === 'failure') throw new Error(outcome.message);
  const sent = crisp.requests[1];
  if (sent === undefined) throw new Error('nothing was sent');
  return sent;
}

function tierOf(operation: Operation): 'plugin' | 'user' {
  return operation.tiers.includes('plugin') ? 'plugin' : 'user';
}

function comparable(request: RecordedRequest | undefined, withHeaders = true): object {
  if (request === undefined) return {};
  const url = new URL(request.url, 'http://crisp.test');
  const { authorization, 'x-crisp-tier': tier, 'content-type': type } = request.headers;
  return {
    method: request.method,
    segments: url.pathname.split('/').map(decodeURIComponent),
    query: [...url.searchParams].sort(([a], [b]) => (a < b ? -1 : 1)),
    ...(withHeaders && authorization !== undefined ? { authorization, tier, type } : {}),
    body: request.body === '' ? null : JSON.parse(request.body),
  };
}

function flags(query: Arguments): Arguments {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, typeof value === 'boolean' ? Number(value) : value]),
  );
}

function defaults(fields: Fields): Arguments {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, { schema }]) =>
      schema.default === undefined ? [] : [[name, schema.default]],
    ),
  );
}

function validArguments(operation: Operation, fields: Fields, without: readonly string[]): fc.Arbitrary<Arguments> {
  const used = Object.entries(fields).filter(([name]) => !without.includes(name));
  const required = used.filter(([, field]) => field.required).map(([name]) => name);
  const inPath = new Set(Object.keys(pathFields(operation)));
  return fc
    .record(Object.fromEntries(used.map(([name, field]) => [name, drawArgument(name, field, inPath.has(name))])), {
      requiredKeys: required,
      noNullPrototype: true,
    })
    .chain((args) => withVariants(args, used))
    .filter((args) => (operation.check?.(args) ?? []).length === 0);
}

/** Arguments whose shape another decides are drawn once the other is known. */
function withVariants(args: Arguments, used: readonly (readonly [string, Field])[]): fc.Arbitrary<Arguments> {
  const dependent = used.flatMap(([name, field]) => {
    const chosen = field.variants?.fields[String(args[field.variants.by])];
    return chosen === undefined ? [] : [[name, fromSchema(chosen.schema)] as const];
  });
  return fc.record(Object.fromEntries(dependent), { noNullPrototype: true }).map((values) => ({ ...args, ...values }));
}

const UUID = fc.uuid();
const SLUG = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}$/);
const IN_PATH: Readonly<Record<string, fc.Arbitrary<JsonValue>>> = {
  session_id: UUID.map((uuid) => `session_${uuid}`),
  people_id: fc.oneof(
    UUID,
    fc.emailAddress().filter((address) => !/[/?#%`{}^|]/.test(address)),
  ),
  locale: fc.constantFrom('en', 'fr', 'pt-br'),
  path: fc.array(SLUG, { minLength: 1, maxLength: 3 }).map((slugs) => `${slugs.join('/')}.md`),
};

function drawArgument(name: string, field: Field, inPath: boolean): fc.Arbitrary<JsonValue> {
  if (field.variants !== undefined) return fc.constant('');
  return (inPath ? IN_PATH[name] : undefined) ?? fromSchema(field.schema);
}

function fromSchema(schema: JsonSchema): fc.Arbitrary<JsonValue> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).map(String);
  // The client writes a fingerprint given as a string as a string; this program always as a number.
  const drawn = types.includes('integer') ? ['integer'] : types;
  return fc.oneof(...drawn.map((type) => ofType(type, schema)));
}

function ofType(type: string, schema: JsonSchema): fc.Arbitrary<JsonValue> {
  switch (type) {
    case 'string':
      return ofString(schema);
    case 'integer':
      return fc.integer({
        min: typeof schema.minimum === 'number' ? schema.minimum : -1000,
        max: Math.min(typeof schema.maximum === 'number' ? schema.maximum : 2 ** 31, 2 ** 31),
      });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value));
    case 'boolean':
      return fc.boolean();
    case 'array':
      return isSchema(schema.items)
        ? fc.array(fromSchema(schema.items), { minLength: Number(schema.minItems ?? 0), maxLength: 3 })
        : fc.constant([]);
    case 'object':
      return ofObject(schema);
    default:
      return fc.constant(null);
  }
}

function ofString(schema: JsonSchema): fc.Arbitrary<string> {
  if (typeof schema.pattern === 'string') return fc.stringMatching(new RegExp(schema.pattern), { maxLength: 40 });
  switch (schema.format) {
    case 'uuid':
      return UUID;
    case 'email':
      return fc.emailAddress();
    case 'uri':
      return fc.webUrl();
    case 'date-time':
      return fc
        .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString());
    default:
      return fc.string({ unit: 'grapheme', minLength: Number(schema.minLength ?? 0), maxLength: 12 });
  }
}

function ofObject(schema: JsonSchema): fc.Arbitrary<JsonValue> {
  if (!isSchema(schema.properties)) {
    const key = fc.stringMatching(/^[a-z]{1,8}$/);
    return fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 3, noNullPrototype: true });
  }
  const members = Object.entries(schema.properties).flatMap(([name, each]) =>
    isSchema(each) ? [[name, fromSchema(each)] as const] : [],
  );
  const requiredKeys = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return fc.record(Object.fromEntries(members), { requiredKeys, noNullPrototype: true });
}

function isSchema(value: JsonValue | undefined): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
