import { choice, object, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

export const website: Family = {
  tags: ['website'],
  operations: [
    {
      id: 'website.getWebsite',
      method: 'GET',
      path: '/website/{website_id}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_website_by_id',
        title: 'Get the website',
        description:
          'Gets the Crisp website (workspace) that this server serves: its name, domain, logo and whether it is verified.',
        class: 'get',
      },
    },
    {
      id: 'website.deleteWebsite',
      method: 'DELETE',
      path: '/website/{website_id}',
      tiers: TIERS.user,
      body: {
        verify: required(
          object('Proof of identity of the operator who deletes', {
            method: required(choice('', ['password', 'token', 'google'])),
            secret: required(text('The password, one-time token or Google token', { min: 1 })),
          }),
        ),
      },
      tool: {
        name: 'delete_a_crisp_website',
        title: 'Delete the website',
        description:
          'Schedules the deletion of the whole Crisp website (workspace) with all conversations, people and articles. Crisp e-mails the owners and deletes some days later; until then an owner can call it off. Needs a user-tier credential of an owner. A wrong secret is answered with password_unverified.',
        class: 'delete',
      },
    },
  ],
};
