import type { Fields } from './merge.ts';

/**
 * One Crisp website (workspace) and all it holds, in the wire's own field names so that what is stored is what is served.
 * Plain data: handlers change it, {@link import('./state.ts').SandboxState} owns it.
 */
export interface Website {
  readonly website_id: string;
  name: string;
  domain: string;
  settings: Fields;
  readonly conversations: Map<string, Conversation>;
  readonly people: Map<string, Person>;
  helpdesk: Helpdesk;
  readonly campaigns: Map<string, Campaign>;
  readonly campaignTemplates: Map<string, Fields>;
  readonly operators: Map<string, Operator>;
  readonly inboxes: Map<string, Inbox>;
  readonly teams: Map<string, Team>;
  /** Who is on the website now, by session. */
  readonly visitors: Map<string, Visitor>;
  /** How many visitors each rule has kept out. */
  readonly blockedVisitors: Map<string, number>;
  readonly spams: Map<string, Spam>;
  /** What was deleted from the suggestions, as `<kind> <text>`. */
  readonly forgottenSuggestions: Set<string>;
  /** Whether the plugin of the plugin-tier token is installed here. */
  pluginInstalled: boolean;
  /** Plugins that are installed, by plugin_id. */
  readonly plugins: Map<string, InstalledPlugin>;
  /** Absent: the free plan. */
  plan: Plan | undefined;
  readonly redeemedCoupons: Set<string>;
  /** Identity verification of visitors; the key is made when it is first asked for. */
  verify: { enabled: boolean; secret: string };
  deletion: { readonly requestedAt: number; readonly executesAt: number } | undefined;
}

export type ConversationState = 'pending' | 'unresolved' | 'resolved';
export type Side = 'user' | 'operator';

export interface Conversation {
  readonly session_id: string;
  readonly website_id: string;
  inbox_id: string | null;
  people_id: string | null;
  state: ConversationState;
  is_verified: boolean;
  is_blocked: boolean;
  opened: boolean;
  availability: 'online' | 'offline';
  active: { now: boolean; last: number };
  topic: string;
  participants: readonly { type: string; target: string }[];
  mentions: readonly string[];
  compose: Record<string, unknown>;
  assigned: { user_id: string } | null;
  meta: Fields;
  readonly created_at: number;
  updated_at: number;
  waiting_since: number | null;
  /** Oldest first. */
  messages: Message[];
  readonly pages: readonly PageView[];
  readonly events: readonly CustomEvent[];
  verifications: readonly Verification[];
  /** Sent to the visitor, not redeemed yet. */
  pendingVerifications: readonly PendingVerification[];
  readonly originals: OriginalMessage[];
  browsing: readonly BrowsingSession[];
  call: { readonly call_id: string; readonly mode: string } | undefined;
}

export interface Verification {
  readonly identity: string;
  readonly method: string;
  readonly annotation: string;
}

export interface PendingVerification {
  readonly identity: string;
  readonly token: string;
  readonly recipient: string;
}

/** The raw form of a message, such as the e-mail it came from. */
export interface OriginalMessage {
  readonly original_id: string;
  readonly type: string;
  readonly headers: Fields;
  readonly content: string;
  readonly timestamp: number;
}

export interface BrowsingSession {
  readonly browsing_id: string;
  /** Secret: it opens the stream of the visitor's screen. */
  readonly browsing_token: string;
  readonly useragent: string;
}

export interface Message {
  readonly session_id: string;
  readonly website_id: string;
  readonly type: string;
  readonly from: Side;
  readonly origin: string;
  content: unknown;
  readonly fingerprint: number;
  readonly timestamp: number;
  readonly user: Fields;
  /** Channel it was read on; empty while unread. */
  read: string;
  delivered: string;
  edited: boolean;
  readonly stamped: boolean;
  readonly stealth: boolean;
  readonly automated: boolean;
  readonly translated: boolean;
  readonly mentions: readonly string[];
  readonly preview: readonly unknown[];
  readonly references: readonly unknown[];
  readonly properties: Fields;
  readonly original?: { readonly original_id: string };
}

export interface PageView {
  readonly page_title: string;
  readonly page_url: string;
  readonly page_referrer: string;
  readonly timestamp: number;
}

export interface CustomEvent {
  readonly text: string;
  readonly data: Fields;
  readonly color: string;
  readonly timestamp: number;
}

export interface Person {
  readonly people_id: string;
  email: string;
  /** `person`, `company`, `segments`, `notepad`: the part that PUT replaces. */
  profile: Fields;
  active: { now: boolean; last: number };
  readonly score: number;
  readonly created_at: number;
  updated_at: number;
  data: Fields;
  events: CustomEvent[];
  subscribed: boolean;
}

export interface Helpdesk {
  /** False before it is set up and after it is deleted. */
  exists: boolean;
  name: string;
  /** Where the public reads it; follows the domain. */
  url: string;
  domain: HelpdeskDomain;
  settings: Fields;
  readonly redirections: Map<string, Redirection>;
  /** Newest first. */
  feedbacks: readonly HelpdeskFeedback[];
  readonly locales: Map<string, { readonly locale_id: string; readonly locale: string }>;
  /** By `<locale>/<content type>/<path>`. */
  readonly nodes: Map<string, TreeNode>;
  /** Newest first. */
  changes: HelpdeskChange[];
}

export interface HelpdeskDomain {
  /** Sub-domain on the domain that Crisp hosts helpdesks on. */
  readonly basic: string;
  readonly custom: string;
  readonly verified: boolean;
}

export interface Redirection {
  readonly redirection_id: string;
  readonly path: string;
  readonly target: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface HelpdeskFeedback {
  readonly locale: string;
  readonly contentType: string;
  readonly rating: string;
  readonly comment: string;
  readonly article: { readonly article_id: string; readonly title: string; readonly url: string };
  readonly session_id: string;
  readonly created_at: number;
}

export interface TreeNode {
  readonly entity_id: string;
  readonly type: string;
  readonly locale: string;
  readonly contentType: string;
  readonly path: string;
  readonly position: number;
  readonly metadata: TreeMetadata;
  readonly content: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface TreeMetadata {
  readonly format: string;
  readonly title: string;
  readonly description: string;
  readonly state: { readonly published: boolean; readonly hidden: boolean; readonly featured: boolean };
  readonly author: { readonly user_id: string };
  readonly color: string;
  readonly image: string;
}

export interface HelpdeskChange {
  readonly change_id: string;
  readonly message: string;
  readonly author: { readonly email: string; readonly name: string };
  readonly created_at: number;
  readonly locale: string;
  readonly contentType: string;
  readonly files: readonly { readonly change: string; readonly path: string; readonly node: TreeNode }[];
  /** The nodes that the change replaced, by key, to put back when it is cancelled. */
  readonly before: ReadonlyMap<string, TreeNode | undefined>;
}

export interface Campaign {
  readonly campaign_id: string;
  readonly type: 'one-shot' | 'automated';
  /** What a user may write: name, subject, message, recipients, flow, options, … */
  settings: Fields;
  dispatched_at: number | null;
  /** When sending last started; absent while not running. */
  runningSince: number | undefined;
  /** Time spent sending before `runningSince`. */
  sentForMs: number;
  readonly created_at: number;
  updated_at: number;
  readonly statistics: { readonly opened: number; readonly clicked: number; readonly unsubscribed: number };
}

export interface Operator {
  readonly user_id: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly avatar: string;
  role: 'owner' | 'member';
  title: string;
  readonly availability: 'online' | 'offline';
  readonly has_token: boolean;
  /** A token pair: secret. Present so that redaction has something to redact. */
  readonly identifier: string;
  readonly key: string;
  /** 0 once that has been forgotten. */
  lastActive: number;
}

export interface Inbox {
  readonly inbox_id: string;
  name: string;
  emoji: string;
  order: number;
  operators: readonly string[];
  teams: readonly string[];
  team_operators: readonly string[];
  conditions: readonly unknown[];
  operator: string;
  readonly created_at: number;
  updated_at: number;
}

export interface Team {
  readonly team_id: string;
  readonly name: string;
  readonly emoji: string;
  readonly operators: readonly string[];
  readonly created_at: number;
  readonly updated_at: number;
}

export interface Visitor {
  readonly session_id: string;
  /** What the website told the chatbox to know this visitor by. */
  readonly token: string;
  readonly nickname: string;
  readonly email: string;
  readonly avatar: string;
  readonly useragent: string;
  readonly active: boolean;
  readonly last_page: { readonly page_title: string; readonly page_url: string };
  readonly geolocation: Place;
  readonly timezone: number;
  readonly capabilities: readonly string[];
  readonly locales: readonly string[];
}

export interface Place {
  readonly coordinates: { readonly latitude: number; readonly longitude: number };
  readonly city: string;
  readonly region: string;
  readonly country: string;
}

/** A message that was held back before it became a conversation. */
export interface Spam {
  readonly spam_id: string;
  readonly type: string;
  readonly reason: string;
  readonly metadata: Fields;
  readonly headers: Fields;
  readonly content: Fields;
  readonly timestamp: number;
}

export interface InstalledPlugin {
  readonly plugin_id: string;
  readonly name: string;
  readonly since: number;
  /** Secret: what the plugin knows this website by. */
  readonly token: string;
  settings: Fields;
  readonly usage: { readonly name: string; readonly units: number; readonly price: number }[];
}

export interface Plan {
  readonly plan_id: string;
  readonly name: string;
  readonly since: number;
  bill_period: 'monthly' | 'yearly';
}
