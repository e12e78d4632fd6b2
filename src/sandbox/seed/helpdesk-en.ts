import type { SeedLocale } from './helpdesk-articles.ts';

/** The English knowledge base. Several articles still speak of the "V1 Dashboard", which was replaced by Boards. */
export const HELPDESK_EN: SeedLocale = {
  locale: 'en',
  groups: {
    'getting-started': 'Getting started',
    dashboards: 'Dashboards',
    data: 'Data sources',
    billing: 'Billing',
    account: 'Account and security',
  },
  articles: [
    {
      path: 'getting-started/welcome.md',
      title: 'Welcome to Acme Analytics',
      description: 'What the product does, and the three steps to your first chart.',
      featured: true,
      content: `# Welcome

Acme Analytics turns your orders, visits and tickets into charts that a whole team can read.

1. Connect a data source.
2. Pick a template or start from an empty board.
3. Share the board with your team.

Most teams have their first chart within ten minutes.
`,
    },
    {
      path: 'getting-started/first-dashboard.md',
      title: 'Build your first dashboard',
      description: 'From an empty page to a chart of weekly orders.',
      content: `# Build your first dashboard

Open the **V1 Dashboard** from the left menu and choose *New chart*.

- Pick the source *Orders*.
- Group by *Week*.
- Press *Save*.

The chart appears on the V1 Dashboard of everybody in your workspace.
`,
    },
    {
      path: 'getting-started/invite-your-team.md',
      title: 'Invite your team',
      description: 'Add members, choose what they may do.',
      content: `# Invite your team

Go to *Settings → Members → Invite*. Paste up to 100 addresses, separated by commas.

| Role | May do |
| --- | --- |
| Viewer | read boards that are shared with them |
| Editor | change boards |
| Owner | change billing and members |
`,
    },
    {
      path: 'dashboards/v1-dashboard.md',
      title: 'Working with the V1 Dashboard',
      description: 'The V1 Dashboard explained, widget by widget.',
      content: `# Working with the V1 Dashboard

The V1 Dashboard shows up to twelve widgets in three columns. Drag a widget by its title to move it.

To remove one, open its menu and choose *Remove from V1 Dashboard*. The data stays.
`,
    },
    {
      path: 'dashboards/filters.md',
      title: 'Filter by date, channel and segment',
      description: 'Narrow what a board shows, for yourself or for everybody.',
      content: `# Filters

Filters at the top of a board apply to every chart on it. A filter that you set is yours alone until an editor presses *Save for everyone*.

Relative ranges such as *Last 90 days* move with the calendar; absolute ones do not.
`,
    },
    {
      path: 'dashboards/share-a-dashboard.md',
      title: 'Share a dashboard',
      description: 'Links, viewers and public boards.',
      content: `# Share a dashboard

1. Open the V1 Dashboard that you want to share.
2. Press *Share* and choose who may see it.
3. Copy the link.

Public links can be revoked at any time under *Settings → Sharing*.
`,
    },
    {
      path: 'dashboards/embed-a-chart.md',
      title: 'Embed a chart',
      description: 'Show a single chart on another page.',
      content: `# Embed a chart

Open the chart, choose *Share → Embed* and paste the snippet into your page. Private boards need a viewer token, which you create under *Settings → Tokens*.
`,
    },
    {
      path: 'dashboards/export.md',
      title: 'Export to CSV and PDF',
      description: 'Download what you see, once or on a schedule.',
      content: `# Export

Every chart has *Export → CSV*. For a whole page, open the V1 Dashboard and choose *Export → PDF*.

Exports are limited to 100,000 rows. Scheduled exports are sent by e-mail at seven in the morning of your workspace's time zone.
`,
    },
    {
      path: 'dashboards/migrate-to-boards.md',
      title: 'Move to Boards',
      description: 'What changes when your workspace switches to Boards.',
      draft: true,
      content: `# Move to Boards

Boards replace the V1 Dashboard. Your widgets are copied; nothing is deleted.

What is new: more than twelve charts, sections, comments.
`,
    },
    {
      path: 'data/connect-a-source.md',
      title: 'Connect a data source',
      description: 'Databases, shops, spreadsheets and files.',
      content: `# Connect a data source

*Settings → Sources → Add*. We read only the tables that you select, every fifteen minutes.

Supported: PostgreSQL, MySQL, common shop systems, spreadsheets, CSV files.
`,
    },
    {
      path: 'data/import-csv.md',
      title: 'Import a CSV file',
      description: 'Column types, separators and the limits.',
      content: `# Import a CSV file

The first line must hold the names of the columns. Files may have up to two million rows.

If the import stops, look for line breaks inside quotes: the error names the first row it could not read.
`,
    },
    {
      path: 'data/time-zones.md',
      title: 'Time zones',
      description: 'How days and weeks are cut.',
      content: `# Time zones

A workspace has one time zone, which decides where a day begins. Changing it recomputes all aggregates, which takes up to an hour. During that time the V1 Dashboard shows a yellow bar.
`,
    },
    {
      path: 'billing/plans.md',
      title: 'Plans and prices',
      description: 'What each plan contains.',
      featured: true,
      content: `# Plans

| Plan | Seats | History |
| --- | --- | --- |
| Free | 1 | 3 months |
| Starter | 5 | 12 months |
| Pro | 20 | 25 months |
| Business | unlimited | 37 months |

You can change your plan at any time; unused days are credited.
`,
    },
    {
      path: 'billing/invoices.md',
      title: 'Invoices and VAT',
      description: 'Where to find invoices and how to put your VAT number on them.',
      content: `# Invoices

Owners find invoices under *Settings → Billing*. Enter your VAT number there before the invoice is made; an invoice cannot be changed afterwards, but support can issue a corrected one.
`,
    },
    {
      path: 'billing/refunds.md',
      title: 'Refunds',
      description: 'When you get money back and how long it takes.',
      content: `# Refunds

A double charge is refunded in full. The money is back on your card within five working days. Write to support with both invoice numbers.
`,
    },
    {
      path: 'account/single-sign-on.md',
      title: 'Single sign-on',
      description: 'SAML for the Business plan.',
      content: `# Single sign-on

Under *Settings → Security → SSO* you find our metadata file. Keep the clock of your identity provider in sync: assertions older than five minutes are refused.
`,
    },
    {
      path: 'account/api-tokens.md',
      title: 'API tokens',
      description: 'Read your data from scripts.',
      content: `# API tokens

Create a token under *Settings → Tokens*. It is shown once. A token reads what its creator may read; the link *Open in V1 Dashboard* of an answer takes you to the chart.
`,
    },
  ],
};
