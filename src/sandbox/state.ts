import { type Random, uuid } from '../process/random.ts';
import { secretKey, sessionId } from './identifiers.ts';
import { isFields } from './merge.ts';
import type { Conversation, Helpdesk, Message, TreeNode, Website } from './website.ts';

/**
 * All that the sandbox remembers, and the questions a test asks of it: which notes were written, and whether anything
 * reached a person. One instance per sandbox; everything it accumulates is bounded.
 */
export interface Delivery {
  readonly at: number;
  readonly channel: 'chat' | 'email' | 'campaign';
  /** A session, an e-mail address, or a campaign with the number of its recipients. */
  readonly to: string;
  readonly what: string;
}

const MOST_DELIVERIES = 10_000;

export class SandboxState {
  /** The seeded website. */
  readonly main: Website;
  readonly websites = new Map<string, Website>();
  /** The password that confirms the deletion of a website. */
  readonly ownerSecret: string;
  /** The plugin of the plugin-tier credential. */
  readonly pluginId: string;
  /** Everything that left for a person outside the team since the start, oldest first. */
  readonly deliveries: Delivery[] = [];
  /** Fingerprints of messages written through the API, as opposed to seeded ones. */
  readonly #written = new Set<number>();
  readonly #random: Random;
  #lastFingerprint = 0;

  constructor(options: {
    main: Website;
    others?: readonly Website[];
    ownerSecret: string;
    pluginId: string;
    random: Random;
  }) {
    this.main = options.main;
    this.ownerSecret = options.ownerSecret;
    this.pluginId = options.pluginId;
    this.#random = options.random;
    for (const website of [options.main, ...(options.others ?? [])]) this.websites.set(website.website_id, website);
  }

  newId(): string {
    return uuid(this.#random);
  }

  /** Six digits, as they are sent to a person to prove an address. */
  newCode(): string {
    return String(Math.floor(this.#random.fraction() * 1_000_000)).padStart(6, '0');
  }

  newSecret(): string {
    return secretKey(this.#random);
  }

  newSessionId(): string {
    return sessionId(this.#random);
  }

  /** Fifteen digits that grow with time, as Crisp's do. */
  newFingerprint(now: number): number {
    this.#lastFingerprint = Math.max(this.#lastFingerprint + 1, Math.floor(now) * 100);
    return this.#lastFingerprint;
  }

  /** Records a message that came through the API, and the delivery if a visitor gets to see it. */
  recordMessage(message: Message): void {
    this.#written.add(message.fingerprint);
    if (reachesVisitor(message)) {
      const channel = message.origin === 'email' ? 'email' : 'chat';
      this.recordDelivery({ at: message.timestamp, channel, to: message.session_id, what: message.type });
    }
  }

  recordDelivery(delivery: Delivery): void {
    if (this.deliveries.length >= MOST_DELIVERIES) this.deliveries.shift();
    this.deliveries.push(delivery);
  }

  /** Internal notes written through the API, on one conversation or on all, oldest first. */
  notesWritten(session?: string): readonly Message[] {
    return this.messagesWritten(session).filter((message) => message.type === 'note');
  }

  /** Messages of any type written through the API. */
  messagesWritten(session?: string): readonly Message[] {
    const conversations = session === undefined ? [...this.main.conversations.values()] : [this.conversation(session)];
    return conversations
      .flatMap((conversation) => conversation.messages)
      .filter((message) => this.#written.has(message.fingerprint))
      .sort((a, b) => a.timestamp - b.timestamp || a.fingerprint - b.fingerprint);
  }

  conversation(session: string): Conversation {
    const conversation = this.main.conversations.get(session);
    if (conversation === undefined) throw new Error(`the sandbox has no conversation ${session}`);
    return conversation;
  }

  /** A node of the seeded helpdesk, such as `('en', 'dashboards/v1-dashboard.md')`. */
  article(locale: string, path: string, contentType = 'articles'): TreeNode | undefined {
    return this.main.helpdesk.nodes.get(nodeKey(locale, contentType, path));
  }

  /** Every secret that answers may carry: what redaction and a leak search look for. */
  secrets(): readonly string[] {
    const websites = [...this.websites.values()];
    const operators = websites.flatMap((website) => [...website.operators.values()]);
    return [
      this.ownerSecret,
      ...operators.flatMap((operator) => [operator.identifier, operator.key]),
      ...websites.flatMap((website) => accessSecrets(website.helpdesk)),
      ...websites.flatMap(({ plugins }) => [...plugins.values()].map((plugin) => plugin.token)),
      ...websites.map(({ verify }) => verify.secret).filter((secret) => secret !== ''),
      ...websites
        .flatMap((website) => [...website.conversations.values()])
        .flatMap(({ browsing }) => browsing.map((session) => session.browsing_token)),
    ];
  }

  /** The whole state as JSON, for a test in another process. */
  dump(): unknown {
    return {
      deliveries: this.deliveries,
      written: [...this.#written],
      websites: [...this.websites.values()].map((website) => ({
        ...website,
        conversations: [...website.conversations.values()].map((conversation) => ({
          ...conversation,
          browsing: conversation.browsing.map(({ browsing_token: _token, ...rest }) => rest),
        })),
        people: [...website.people.values()],
        helpdesk: dumpHelpdesk(website.helpdesk),
        campaigns: [...website.campaigns.values()],
        campaignTemplates: [...website.campaignTemplates.values()],
        operators: [...website.operators.values()].map(({ identifier: _identifier, key: _key, ...rest }) => rest),
        inboxes: [...website.inboxes.values()],
        plugins: [...website.plugins.values()].map(({ token: _token, ...rest }) => rest),
        redeemedCoupons: [...website.redeemedCoupons],
        verify: { enabled: website.verify.enabled },
        teams: [...website.teams.values()],
        visitors: [...website.visitors.values()],
        blockedVisitors: Object.fromEntries(website.blockedVisitors),
        spams: [...website.spams.values()],
        forgottenSuggestions: [...website.forgottenSuggestions],
      })),
    };
  }
}

/** Notes and events are the team's; a stealth message is not relayed. */
export function reachesVisitor(message: Message): boolean {
  return message.from === 'operator' && message.type !== 'note' && message.type !== 'event' && !message.stealth;
}

export const nodeKey = (locale: string, contentType: string, path: string): string =>
  `${locale}/${contentType}/${path}`;

/** What a reader needs to open a helpdesk that is not public. */
function accessSecrets({ settings }: Helpdesk): readonly string[] {
  const { access } = settings;
  if (!isFields(access)) return [];
  return [access.password, access.jwt_secret].flatMap((secret) =>
    typeof secret === 'string' && secret !== '' ? [secret] : [],
  );
}

function dumpHelpdesk(helpdesk: Helpdesk): unknown {
  const { access: _access, ...settings } = helpdesk.settings;
  return {
    ...helpdesk,
    settings,
    redirections: [...helpdesk.redirections.values()],
    locales: [...helpdesk.locales.keys()],
    nodes: [...helpdesk.nodes.values()],
    changes: helpdesk.changes.map(({ before: _before, ...change }) => change),
  };
}
