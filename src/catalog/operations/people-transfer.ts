import { flag, list, object, required, text, url, whole } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { PEOPLE_TAGS } from './people.ts';

/** The whole CRM in or out of Crisp at once, in the background. */
export const peopleTransfer: Family = {
  tags: PEOPLE_TAGS,
  operations: [
    {
      id: 'website.exportPeopleProfiles',
      method: 'POST',
      path: '/website/{website_id}/people/export/profiles',
      tiers: TIERS.user,
      answer: { note: 'Accepted: Crisp exports in the background; the file is not part of this answer.' },
      tool: {
        name: 'crisp_people_profiles_export',
        title: 'Export all people',
        description:
          'Starts an export of all profiles of people. Crisp works in the background and delivers the file outside of this API. Needs a user-tier credential.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.importPeopleProfiles',
      method: 'POST',
      path: '/website/{website_id}/people/import/profiles',
      tiers: TIERS.user,
      body: {
        url: required(url('Where Crisp gets the CSV file')),
        mapping: required(
          list(
            'Which column becomes which field',
            object('', { column: required(whole('')), field: required(text('Such as email or person.nickname')) }),
            { min: 1 },
          ),
        ),
        options: object('How to read the file', { column_separator: text('Such as ;'), skip_header: flag('') }),
      },
      answer: { note: 'Accepted: Crisp imports in the background.' },
      tool: {
        name: 'crisp_people_profiles_import',
        title: 'Import people',
        description:
          'Starts an import of people from a CSV file that Crisp has stored, and returns its import_id. Crisp works in the background and reports progress outside of this API. Needs a user-tier credential.',
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
  ],
};
