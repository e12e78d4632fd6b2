import { flag, required } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** The key stays in Crisp: whoever may roll it can look at it in the app. */
const KEY = ['secret'];

export const verify: Family = {
  tags: ['website'],
  operations: [
    {
      id: 'website.getVerifySettings',
      method: 'GET',
      path: '/website/{website_id}/verify/settings',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_verify_settings_by_id',
        title: 'Get whether identities are verified',
        description: 'Gets whether the website verifies the identity of visitors who log in.',
        class: 'get',
      },
    },
    {
      id: 'website.updateVerifySettings',
      method: 'PATCH',
      path: '/website/{website_id}/verify/settings',
      tiers: TIERS.open,
      body: { enabled: required(flag('Whether visitors have to prove who they are')) },
      tool: {
        name: 'update_a_crisp_verify_settings_by_id',
        title: 'Turn identity verification on or off',
        description:
          'Turns the verification of visitors on or off. On: visitors whose e-mail the website does not sign are shown as unverified.',
        class: 'update',
        openWorld: true,
      },
    },
    {
      id: 'website.getVerifyKey',
      method: 'GET',
      path: '/website/{website_id}/verify/key',
      tiers: TIERS.open,
      answer: { redact: KEY },
      tool: {
        name: 'get_single_crisp_verify_key_by_id',
        title: 'Get whether there is a verification key',
        description:
          'Tells whether the website has a key for identity verification. The key itself is redacted: an owner copies it from the Crisp app.',
        class: 'get',
      },
    },
    {
      id: 'website.rollVerifyKey',
      method: 'POST',
      path: '/website/{website_id}/verify/key',
      tiers: TIERS.open,
      answer: { redact: KEY },
      tool: {
        name: 'crisp_verify_key_roll',
        title: 'Roll the verification key',
        description:
          'Makes a new key for identity verification. The old one stops working at once: each site and app that signs visitors needs the new one, which an owner copies from the Crisp app.',
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
  ],
};
