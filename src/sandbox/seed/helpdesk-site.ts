import { type Random, uuid } from '../../process/random.ts';
import { secretKey } from '../identifiers.ts';
import { HELPDESK_IS_PUBLIC, HELPDESK_ROOT_DOMAIN, HELPFUL, UNHELPFUL } from '../inferred.ts';
import type { Fields } from '../merge.ts';
import type { Helpdesk, HelpdeskFeedback, Website } from '../website.ts';

/** The helpdesk of Acme Analytics as a site: its domain, look, access, one redirection, and what readers said. */
const DAY = 24 * 3_600_000;

export function noHelpdesk(): Helpdesk {
  return {
    exists: false,
    name: '',
    url: '',
    domain: { basic: '', custom: '', verified: false },
    settings: DEFAULT_SETTINGS,
    redirections: new Map(),
    feedbacks: [],
    locales: new Map(),
    nodes: new Map(),
    changes: [],
  };
}

export function seedHelpdeskSite(helpdesk: Helpdesk, random: Random): void {
  helpdesk.exists = true;
  helpdesk.name = 'Acme Analytics Help';
  helpdesk.domain = { basic: 'acme-analytics', custom: 'help.acme-analytics.example.com', verified: true };
  helpdesk.url = helpdeskUrl(helpdesk.domain);
  helpdesk.settings = {
    ...DEFAULT_SETTINGS,
    access: { restrict_mode: HELPDESK_IS_PUBLIC, password: '', jwt_secret: secretKey(random) },
  };
  const redirection_id = uuid(random);
  helpdesk.redirections.set(redirection_id, {
    redirection_id,
    path: '/en/article/refund-policy-1abc/',
    target: '/en/articles/billing/refunds/',
    created_at: 0,
    updated_at: 0,
  });
}

export function helpdeskUrl({ basic, custom, verified }: Helpdesk['domain']): string {
  return `https://${verified ? custom : `${basic}.${HELPDESK_ROOT_DOMAIN}`}/`;
}

/** Readers' opinions, of people who have a conversation. */
const OPINIONS = [
  { path: 'dashboards/v1-dashboard.md', rating: UNHELPFUL, comment: 'The screenshots show an older version.' },
  { path: 'billing/refunds.md', rating: HELPFUL, comment: '' },
  { path: 'billing/plans.md', rating: UNHELPFUL, comment: 'I still do not know which plan I need.' },
  { path: 'billing/invoices.md', rating: HELPFUL, comment: 'Found it at once, thanks.' },
] as const;

export function seedFeedbacks({ helpdesk, conversations }: Website, now: number): readonly HelpdeskFeedback[] {
  const sessions = [...conversations.keys()];
  return OPINIONS.flatMap(({ path, rating, comment }, index) => {
    const node = helpdesk.nodes.get(`en/articles/${path}`);
    const session_id = sessions[index];
    if (node === undefined || session_id === undefined) return [];
    const { title } = node.metadata;
    const url = `${helpdesk.url}en/articles/${path.replace(/\.md$/, '')}/`;
    const article = { article_id: node.entity_id, title, url };
    return [
      {
        locale: 'en',
        contentType: 'articles',
        rating,
        comment,
        article,
        session_id,
        created_at: now - index * 3 * DAY,
      },
    ];
  });
}

const DEFAULT_SETTINGS: Fields = {
  appearance: {
    color: { mode: 'light', mode_changeable: true },
    logos: { favicon: '', header: '', footer: '' },
    banner: '',
  },
  localization: { writing_locale: 'en', translated_automatic: false, translated_locales_readonly: false },
  section: { articles: '', guides: '', references: '', news: '' },
  behavior: {
    frequently_read: true,
    show_category_images: true,
    show_chatbox: true,
    ask_feedback: true,
    report_incorrect: false,
    serve_markdown: true,
    agent_chat_bar: false,
    agent_copy_button: false,
    table_of_contents: true,
    locale_picker: true,
    refer_link: true,
    forbid_indexing: false,
    status_health_dead: false,
  },
  service: { mcp_server: false },
  include: { html: '' },
  access: { restrict_mode: HELPDESK_IS_PUBLIC, password: '', jwt_secret: '' },
};
