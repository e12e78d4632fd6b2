/** What is asked and answered, by whomever: requests as MCP clients send them, and envelopes as Crisp sends them. */
export const WEBSITE_ID = '8f3c2a1e-5d64-4b7a-9c0d-1e2f3a4b5c6d';
const SESSION_ID = 'session_4b1d7c9e-0a2f-4e3b-8c5d-6f7a8b9c0d1e';
export const CONVERSATION_PATH = '/conversation/';
export const SMALL_PATH = `/v1/website/${WEBSITE_ID}${CONVERSATION_PATH}${SESSION_ID}`;
export const LARGE_PATH = `/v1/website/${WEBSITE_ID}/conversations/1`;

export const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'user-agent': 'bench/1.0',
  'mcp-protocol-version': '2025-11-25',
};

const message = (method: string, params: object) => JSON.stringify({ jsonrpc: '2.0', id: 7, method, params });

export const INITIALIZE = message('initialize', {
  protocolVersion: '2025-11-25',
  capabilities: { roots: { listChanged: true }, sampling: {} },
  clientInfo: { name: 'bench', version: '1.0.0' },
});
export const PING = message('ping', {});
export const TOOLS_LIST = message('tools/list', {});
export const CALL_SMALL = message('tools/call', {
  name: 'get_single_crisp_conversation_by_id',
  arguments: { session_id: SESSION_ID },
});
export const CALL_LARGE = message('tools/call', {
  name: 'list_all_crisp_conversations',
  arguments: { page_number: 1 },
});

/** An answer of Crisp of about so many bytes: an object when small, a list of some twenty items when large. */
export function envelope(bytes: number): string {
  const item = (index: number, filling: number) => ({
    session_id: `session_${String(index).padStart(8, '0')}-0a2f-4e3b-8c5d-6f7a8b9c0d1e`,
    website_id: WEBSITE_ID,
    state: 'pending',
    is_verified: false,
    created_at: 1_760_000_000_000 + index,
    meta: { nickname: 'Ada "Countess" Lovelace', email: 'ada@example.com', segments: ['lead', 'chat'] },
    last_message: 'My parcel has not arrived.\nCould you look into it? '.repeat(20).slice(0, filling),
  });
  const wrap = (data: unknown) => JSON.stringify({ error: false, reason: 'resolved', data });
  if (bytes < 4_096) return wrap(item(0, bytes - wrap(item(0, 0)).length - 20));
  const empty = JSON.stringify(item(0, 0)).length;
  return wrap(Array.from({ length: 20 }, (_, index) => item(index, Math.floor(bytes / 20) - empty - 20)));
}
