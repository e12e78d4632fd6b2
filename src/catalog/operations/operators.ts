import { choice, email, object, required, text, uuid } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { nothingToChange } from './shapes.ts';
import { verification } from './website.ts';

/** Operator objects may carry a token pair of that operator. */
const TOKEN_PAIR = ['identifier', 'key'];

export const operators: Family = {
  tags: ['operators'],
  operations: [
    {
      id: 'website.listWebsiteOperators',
      method: 'GET',
      path: '/website/{website_id}/operators/list',
      tiers: TIERS.open,
      answer: { redact: TOKEN_PAIR },
      tool: {
        name: 'list_all_crisp_operators',
        title: 'List operators',
        description:
          'Lists all operators (team members): user_id, name, e-mail, role, title, availability. Secrets are redacted.',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.listLastActiveWebsiteOperators',
      method: 'GET',
      path: '/website/{website_id}/operators/active',
      tiers: TIERS.open,
      tool: {
        name: 'list_all_crisp_active_operators',
        title: 'List operators by last activity',
        description: 'Lists the operators who were active last: user_id, nickname, timestamp (ms).',
        class: 'list',
        tags: ['support'],
      },
    },
    {
      id: 'website.flushLastActiveWebsiteOperators',
      method: 'DELETE',
      path: '/website/{website_id}/operators/active',
      tiers: TIERS.user,
      tool: {
        name: 'crisp_operators_flush_active',
        title: 'Forget who was active last',
        description:
          'Empties the list of operators who were active last, which list_all_crisp_active_operators shows. Operators keep their access. Needs a user-tier credential.',
        class: 'custom',
      },
    },
    {
      id: 'website.sendEmailToWebsiteOperators',
      method: 'POST',
      path: '/website/{website_id}/operators/email',
      tiers: TIERS.open,
      body: {
        recipient: text('Group; owners is known, others are not published'),
        user_id: uuid('One operator, from list_all_crisp_operators'),
        subject: required(text('Subject of the e-mail', { min: 1 })),
        message: required(text('Words of the e-mail', { min: 1 })),
        target: object('A button', { label: text(''), url: text('') }),
      },
      check: (args) =>
        args.recipient === undefined && args.user_id === undefined
          ? [{ field: 'recipient', message: 'pass recipient (owners) or user_id: somebody has to get it' }]
          : [],
      tool: {
        name: 'crisp_operators_send_email',
        title: 'E-mail operators',
        description:
          'Sends an e-mail to a group of operators, such as owners, or to one by user_id. It goes out at once; twice sends twice.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.getWebsiteOperator',
      method: 'GET',
      path: '/website/{website_id}/operator/{user_id}',
      tiers: TIERS.open,
      answer: { redact: TOKEN_PAIR },
      tool: {
        name: 'get_single_crisp_operator_by_id',
        title: 'Get an operator',
        description:
          'Gets one operator (team member) by user_id: name, e-mail, role, title, availability. Secrets are redacted.',
        class: 'get',
        tags: ['support'],
      },
    },
    {
      id: 'website.inviteWebsiteOperator',
      method: 'POST',
      path: '/website/{website_id}/operator',
      tiers: TIERS.user,
      body: {
        email: required(email('Who is invited')),
        role: required(choice('owner may do everything, also remove others', ['owner', 'member'])),
        verify: required(verification),
      },
      tool: {
        name: 'crisp_operators_invite',
        title: 'Invite an operator',
        description:
          'Invites a person to the team by e-mail. Who accepts can read all conversations. quota_limit_exceeded: the plan has no seat left. Needs a user-tier credential and the proof in verify.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.changeOperatorMembership',
      method: 'PATCH',
      path: '/website/{website_id}/operator/{user_id}',
      tiers: TIERS.user,
      body: { role: choice('New role', ['owner', 'member']), title: text('New job title') },
      check: (args) => nothingToChange(args, ['user_id']),
      tool: {
        name: 'update_a_crisp_operator_by_id',
        title: 'Change role or title of an operator',
        description:
          'Changes the role (owner or member) or the job title of an operator. Needs a user-tier credential of an owner.',
        class: 'update',
        destructive: true,
      },
    },
    {
      id: 'website.unlinkOperatorFromWebsite',
      method: 'DELETE',
      path: '/website/{website_id}/operator/{user_id}',
      tiers: TIERS.user,
      tool: {
        name: 'delete_a_crisp_operator',
        title: 'Remove an operator',
        description:
          'Takes an operator out of the team; they lose access at once and would have to be invited again. The last operator cannot be removed. Needs a user-tier credential of an owner.',
        class: 'delete',
      },
    },
  ],
};
