import { type Family, TIERS } from '../operation.ts';

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
  ],
};
