import { findCondition } from '../../resources/conditions.ts';
import type { CrispMcpServer } from '../../resources/crisp-mcp-server.ts';
import { effectiveServer } from '../../resources/effective-server.ts';
import { type ApiTokenAnnouncement, apiTokenText } from './api-token-files.ts';

/**
 * What standalone mode tells of its servers: for people a screen to copy from, for scripts one JSON object a line. This
 * is the one place where a URL with its token is printed, because handing it over is the purpose.
 */
export type ServerState = 'provisioning' | 'ready' | 'not-ready' | 'suspended' | 'expired' | 'deleted';

export interface ServerAnnouncement {
  readonly namespace: string;
  readonly name: string;
  readonly displayName: string;
  readonly state: ServerState;
  /** Present while the URL answers. */
  readonly url: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAt: number | undefined;
  readonly tools: number | undefined;
  /** Its clients must send an API token besides. */
  readonly asksApiToken: boolean;
  /** One sentence: why it is in this state. */
  readonly message: string;
}

/** What to say of a server as it is, or, when it is gone, as it last was. `now` is wall-clock milliseconds. */
export function announcementOf(
  server: CrispMcpServer,
  { url, deleted, now }: { url: string | undefined; deleted: boolean; now: number },
): ServerAnnouncement {
  const { displayName, expiresAt, requireApiTokenAuth } = effectiveServer(server);
  const state = deleted ? goneState(expiresAt, now) : stateOf(server);
  const conditions = server.status?.conditions;
  const told =
    findCondition(conditions, 'Expired') ??
    findCondition(conditions, 'Suspended') ??
    findCondition(conditions, 'Ready');
  return {
    namespace: server.metadata.namespace ?? '',
    name: server.metadata.name,
    displayName,
    state,
    url: state === 'ready' ? url : undefined,
    expiresAt,
    tools: server.status?.tools?.count,
    asksApiToken: requireApiTokenAuth,
    message: told?.message ?? '',
  };
}

/** A server deleted at or after its expiry was deleted by it. */
function goneState(expiresAt: number | undefined, now: number): ServerState {
  return expiresAt !== undefined && expiresAt <= now ? 'expired' : 'deleted';
}

function stateOf(server: CrispMcpServer): ServerState {
  const conditions = server.status?.conditions;
  if (findCondition(conditions, 'Expired')?.status === 'True') return 'expired';
  if (findCondition(conditions, 'Suspended')?.status === 'True') return 'suspended';
  const ready = findCondition(conditions, 'Ready');
  if (ready === undefined || ready.status === 'Unknown') return 'provisioning';
  return ready.status === 'True' ? 'ready' : 'not-ready';
}

/** One line for a script. */
export function announcementLine(announcement: ServerAnnouncement): string {
  const { namespace, name, state, url, expiresAt } = announcement;
  return JSON.stringify({
    event: 'server',
    namespace,
    name,
    state,
    url: url ?? null,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  });
}

export interface Welcome {
  readonly servers: readonly ServerAnnouncement[];
  readonly apiTokens: readonly ApiTokenAnnouncement[];
  readonly folder: string;
  /** What plays Crisp. */
  readonly crisp: string;
  /** Command line of the stdio bridge (`crisp-mcp connect`), for clients that start a program. */
  readonly bridge: readonly [command: string, ...args: string[]];
  readonly now: number;
}

/** The screen for people, printed once when the servers have settled. */
export function welcomeText({ servers, apiTokens, folder, crisp, bridge, now }: Welcome): string {
  const ready = servers.filter((server) => server.url !== undefined);
  const first = ready[0];
  const lines = [
    '',
    `crisp-mcp is running. ${crisp}`,
    '',
    ...servers.flatMap((server) => [...serverLines(server, now), '']),
    ...(first === undefined ? ['No server is ready; the lines above say why.', ''] : desktopLines(first, bridge)),
    ...apiTokens.map(apiTokenText),
    ...(apiTokens.length === 0 ? [] : ['']),
    `Manifests  ${folder}`,
    '           Edit and save: the running servers follow. Ctrl-C stops; the URLs survive a restart.',
    '',
  ];
  return lines.join('\n');
}

const API_TOKEN_VARIABLE = 'CRISP_MCP_API_TOKEN';
const HEADER_OPTION = ` --header "Authorization: Bearer $${API_TOKEN_VARIABLE}"`;

function serverLines(server: ServerAnnouncement, now: number): string[] {
  const title = `${server.displayName} (${server.namespace}/${server.name})`;
  if (server.url === undefined) return [title, `  ${server.state}: ${server.message}`];
  return [
    `${title}: ${termsText(server, now)}`,
    `  ${server.url}`,
    `  claude mcp add --transport http ${server.name} ${server.url}${server.asksApiToken ? HEADER_OPTION : ''}`,
    ...(server.asksApiToken ? [`  It asks for an API token besides: put one into ${API_TOKEN_VARIABLE}.`] : []),
  ];
}

function desktopLines(server: ServerAnnouncement, [command, ...args]: Welcome['bridge']): string[] {
  // By the environment, because the arguments of a process are there for every user of the machine to read.
  const second = server.asksApiToken ? { [API_TOKEN_VARIABLE]: 'the API token' } : {};
  const snippet = { mcpServers: { [server.name]: { command, args, env: { CRISP_MCP_URL: server.url, ...second } } } };
  return [
    'Claude Desktop: Settings > Developer > Edit Config, then',
    ...JSON.stringify(snippet, null, 2)
      .split('\n')
      .map((line) => `  ${line}`),
    '',
  ];
}

/** One line for people at a later change of state. */
export function changeText(server: ServerAnnouncement, now: number): string {
  const subject = `${server.namespace}/${server.name}`;
  if (server.state === 'ready') return `${subject} is ready: ${termsText(server, now)}: ${server.url ?? ''}`;
  if (server.state === 'deleted') return `${subject} is deleted and its URL is dead.`;
  if (server.state === 'expired') return `${subject} has expired and its URL is dead.`;
  return `${subject} is ${server.state}. ${server.message}`;
}

function termsText({ tools, expiresAt }: ServerAnnouncement, now: number): string {
  return `${tools === undefined ? '' : `${tools} tools, `}${expiryText(expiresAt, now)}`;
}

export function expiryText(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'never expires';
  return `expires ${new Date(expiresAt).toISOString().slice(0, 19)}Z (${durationText(expiresAt - now)})`;
}

function durationText(milliseconds: number): string {
  if (milliseconds <= 0) return 'past';
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 1) return `in ${Math.ceil(milliseconds / 1_000)} s`;
  if (minutes < 120) return `in ${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `in ${hours} h` : `in ${Math.round(hours / 24)} days`;
}
