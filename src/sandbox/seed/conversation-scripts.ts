import type { InboxName } from './team.ts';

/**
 * What customers wrote to Acme Analytics over the last weeks, newest first. Lines start with who speaks: `>` the visitor,
 * `<` the team, `#` an internal note. `unread`: the team has not seen the visitor's last messages yet.
 */
export interface ConversationScript {
  readonly hoursAgo: number;
  readonly subject: string;
  readonly segments: readonly string[];
  readonly inbox: InboxName;
  readonly state: 'pending' | 'unresolved' | 'resolved';
  readonly unread?: true;
  readonly email?: true;
  readonly lines: readonly string[];
}

type Rest = Partial<Pick<ConversationScript, 'inbox' | 'state' | 'unread' | 'email'>>;

const script = (
  hoursAgo: number,
  subject: string,
  segments: readonly string[],
  lines: readonly string[],
  rest: Rest = {},
): ConversationScript => ({ hoursAgo, subject, segments, lines, inbox: 'Support', state: 'resolved', ...rest });

const NEW: Rest = { state: 'pending', unread: true };
const OPEN: Rest = { state: 'unresolved' };
const REOPENED: Rest = { state: 'unresolved', unread: true };

export const CONVERSATION_SCRIPTS: readonly ConversationScript[] = [
  script(
    1,
    'CSV export is empty',
    ['bug'],
    [
      '> Hi, since this morning every CSV export of our revenue dashboard is an empty file. Headers only, no rows.',
      '> It worked on Friday. Chrome and Firefox give the same. Is this a known bug?',
    ],
    NEW,
  ),
  script(
    2,
    'Charged twice in November',
    ['billing'],
    [
      '> Hello, we were charged twice for the Pro plan this month, invoices AA-20817 and AA-20818.',
      '> Could you refund one of them please?',
    ],
    { ...NEW, inbox: 'Billing', email: true },
  ),
  script(
    3,
    'Dashboard crashes with date filter',
    ['bug'],
    [
      '> Bug report: when I set the date filter to "Last 90 days" the dashboard turns white.',
      '> Console says: TypeError: cannot read properties of undefined (reading "buckets"). Reproducible every time.',
    ],
    NEW,
  ),
  script(
    5,
    'How do I add a teammate?',
    ['question'],
    ['> Quick one: where do I invite a colleague to our workspace? I only see myself under Members.'],
    NEW,
  ),
  script(
    7,
    'Wrong totals after time zone change',
    ['bug'],
    [
      '> After we switched the workspace to Europe/Dublin, the weekly totals count Sunday twice.',
      '< Thanks for telling us! Could you send me the address of one dashboard where you see it?',
      '> Sure, it is the "Orders by week" board. Week 46 shows 1,204 but the raw table sums up to 1,037.',
    ],
    REOPENED,
  ),
  script(
    9,
    'VAT number missing on invoice',
    ['billing'],
    [
      '> Our accountant needs our VAT number on the invoices. I entered it in the settings but the October one does not have it.',
    ],
    { ...NEW, inbox: 'Billing', email: true },
  ),
  script(
    12,
    'Slack alerts arrive twice',
    ['bug', 'integration'],
    [
      '> Every alert is posted twice to our Slack channel since yesterday evening.',
      '> I disconnected and reconnected the integration, no change. Looks like a bug on your side.',
    ],
    NEW,
  ),
  script(
    15,
    'Discount for non-profits?',
    ['sales'],
    [
      '> Hi! We are a small non-profit with four people. Do you offer a discount on the Starter plan?',
      '< Hello! We do: 40 % off for registered non-profits. Could you send us a proof of registration?',
      '> Great, attached the certificate by e-mail a minute ago.',
    ],
    { ...REOPENED, inbox: 'Sales' },
  ),
  script(
    20,
    'API returns 500 on /reports',
    ['bug', 'api'],
    [
      '> Your API answers 500 to GET /reports?range=quarter. Every other range works. Request id 7c1e-44.',
      '# Ines: I can reproduce this on staging, ranges longer than 92 days fail.',
      '< We can reproduce it and are on it. I will write here as soon as the fix is out.',
      '> Thank you. It blocks our monthly board report, so the sooner the better.',
    ],
    REOPENED,
  ),
  script(
    26,
    'Upgrade did not unlock features',
    ['billing', 'bug'],
    ['> I upgraded to Business an hour ago and paid, but the audit log still says "Available on Business".'],
    { ...NEW, inbox: 'Billing' },
  ),
  script(
    30,
    'Cannot log in with SSO',
    ['bug'],
    [
      '> Since your update nobody here can log in with SSO. We get "assertion expired".',
      '< Sorry about that! Is the clock of your identity provider in sync?',
      '> It is, to the second. The assertion is valid for five minutes.',
      '# Theo: looks like the issue from last spring, see the incident notes.',
    ],
    OPEN,
  ),
  script(
    36,
    'Where is the V1 Dashboard?',
    ['question'],
    [
      '> Your help article tells me to open the "V1 Dashboard" but I cannot find anything by that name.',
      '< That article is out of date, sorry: it was replaced by Boards. I will tell our documentation team.',
    ],
    OPEN,
  ),
  script(
    44,
    'Annual billing',
    ['billing'],
    [
      '> Can we switch from monthly to annual billing in the middle of a period?',
      '< Yes. You are credited the unused days. Shall I do it for you?',
      '> Yes please, from today.',
      '< Done, you will find the credit on the new invoice.',
    ],
    { inbox: 'Billing' },
  ),
  script(
    52,
    'Scheduled report not sent',
    ['bug'],
    [
      '> The Monday report was not sent this week. The schedule is still there.',
      '< Found it: the schedule lost its recipient when a member was removed. I have put you in.',
      '> Works again, thanks!',
    ],
  ),
  script(
    60,
    'Data retention',
    ['question', 'legal'],
    [
      '> How long do you keep raw events? We need to state it in our privacy policy.',
      '< 25 months on Pro, 37 on Business. After that only aggregates remain.',
    ],
    OPEN,
  ),
  script(
    70,
    'Import stuck at 99 %',
    ['bug'],
    [
      '> My import of 40,000 rows stays at 99 % since two hours.',
      '< One row held a line break inside quotes. I fixed the import, it is through now.',
      '> Confirmed. Maybe show that row next time?',
      '# Ines: feature request filed for row-level import errors.',
    ],
  ),
  script(
    80,
    'Please cancel our subscription',
    ['billing', 'churn-risk'],
    [
      '> We are winding down the project. Please cancel at the end of the period.',
      '< Cancelled, you keep access until the 30th. May I ask what we could have done better?',
      '> Nothing, it was great. Budget only.',
    ],
    { inbox: 'Billing' },
  ),
  script(
    92,
    'Embedding a chart',
    ['question'],
    [
      '> Can I embed a single chart into our intranet?',
      '< Yes: open the chart, Share, Embed. You need a viewer token for private boards.',
    ],
  ),
  script(
    104,
    'Colours of the pie chart',
    ['feature-request'],
    [
      '> Could we set the colours per category? The default green and teal look the same on our projector.',
      '< Good point, I have added your vote to the request.',
    ],
  ),
  script(
    120,
    'Double counting of refunds',
    ['bug'],
    [
      '> Refunds are subtracted twice in "Net revenue".',
      '< That was true for two days last week and is fixed. Please refresh the source once.',
      '> Refreshed, numbers are right.',
    ],
  ),
  script(
    140,
    'Trial extension',
    ['sales'],
    ['> Our trial ends tomorrow but the evaluation needs another week. Possible?', '< Extended by 14 days. Enjoy!'],
    { inbox: 'Sales' },
  ),
  script(
    160,
    'Two-factor reset',
    ['question'],
    [
      '> I lost my phone and cannot log in any more.',
      '< I sent a reset link to the owner of your workspace, as our policy asks.',
      '> Got in, thank you.',
    ],
  ),
  script(
    180,
    'Webhook signature',
    ['question', 'api'],
    [
      '> Which algorithm signs your web hooks?',
      '< HMAC-SHA256 over the raw body, hex encoded, in the X-Acme-Signature header.',
    ],
  ),
  script(
    200,
    'Invoice to another address',
    ['billing'],
    ['> Please send invoices to accounts@mossgate.example.com instead of me.', '< Changed. The next one goes there.'],
    { inbox: 'Billing', email: true },
  ),
  script(
    220,
    'Dashboard very slow',
    ['bug', 'performance'],
    [
      '> The sales dashboard takes 40 seconds to load.',
      '< It had 61 widgets on live data. I turned on caching for you, could you try again?',
      '> Three seconds now. Wow.',
    ],
  ),
  script(
    250,
    'Requête sur la facturation',
    ['billing', 'fr'],
    [
      '> Bonjour, est-il possible de payer par virement ?',
      '< Bonjour ! Oui, à partir du forfait Business et pour un an.',
      '> Parfait, merci.',
    ],
    { inbox: 'Billing' },
  ),
  script(
    280,
    'Missing permission',
    ['question'],
    [
      '> I cannot edit the board my boss shared with me.',
      '< You are a viewer. An editor can change this under Share, Members.',
    ],
  ),
  script(
    310,
    'SOC 2 report',
    ['sales', 'legal'],
    ['> Our security team asks for your SOC 2 report.', '< Happy to share it under NDA, I sent the form by e-mail.'],
    { inbox: 'Sales' },
  ),
  script(
    340,
    'Chart shows yesterday as today',
    ['bug'],
    [
      '> At 00:30 the chart labels still show yesterday as today.',
      "< The cache turned at one o'clock. Fixed in release 4.12.",
    ],
  ),
  script(
    370,
    'Deleted board by mistake',
    ['question'],
    ['> I deleted a board. Help!', '< No worries: it is in the bin for 30 days. I restored it.', '> You are a hero.'],
  ),
  script(
    400,
    'Problème de connexion',
    ['bug', 'fr'],
    [
      '> Bonjour, impossible de me connecter depuis ce matin, la page reste blanche.',
      '< Bonjour, pouvez-vous vider le cache du navigateur ?',
      '> Cela fonctionne, merci !',
    ],
  ),
  script(
    430,
    'Number format',
    ['feature-request'],
    ['> We need a comma as decimal separator.', '< Set the workspace locale to German under Settings, Region.'],
  ),
  script(
    460,
    'Partner programme',
    ['sales'],
    [
      '> We are an agency with twelve clients on your product. Is there a partner programme?',
      '< There is! I have put you in touch with Mara.',
    ],
    { inbox: 'Sales' },
  ),
  script(
    490,
    'Google Sheets sync fails',
    ['bug', 'integration'],
    [
      '> The sync with Google Sheets fails with "quota exceeded".',
      '< We now spread the requests, please try again tomorrow.',
      '> All fine since.',
    ],
  ),
  script(
    520,
    'Credit card expired',
    ['billing'],
    [
      '> Our card expired and the form refuses the new one.',
      '< The bank asked for a confirmation. I sent you a payment link instead.',
      '> Paid.',
    ],
    { inbox: 'Billing' },
  ),
  script(
    560,
    'Mobile app?',
    ['feature-request'],
    ['> Is a mobile app planned?', '< Not this year, but boards work well in a phone browser.'],
  ),
  script(
    600,
    'Bulk invite',
    ['question'],
    ['> Can I invite 40 people at once?', '< Paste the addresses separated by commas, up to 100 at a time.'],
  ),
  script(
    640,
    'Alert threshold ignored',
    ['bug'],
    [
      '> My alert fires although the value is below the threshold.',
      '< The threshold compared the daily sum, not the hourly value. We changed the label to say so.',
    ],
  ),
  script(
    680,
    'GDPR request',
    ['legal'],
    ['> Please delete all data you hold on a former employee of ours.', '< Done and confirmed in writing by e-mail.'],
    { email: true },
  ),
  script(720, 'Thank you!', ['feedback'], ['> Just wanted to say: the new boards are lovely.', '< You made our day!']),
];
