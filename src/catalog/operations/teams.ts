import { type Fields, list, required, text, uuid } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/** Groups of operators, to which inboxes can be given. */
const settings: Fields = {
  name: required(text('Name', { min: 1 })),
  emoji: text('Icon'),
  operators: list('Members, from list_all_crisp_operators', uuid('')),
};

export const teams: Family = {
  tags: ['operators'],
  operations: [
    {
      id: 'website.listTeams',
      method: 'GET',
      path: '/website/{website_id}/teams/list/{page_number}',
      tiers: TIERS.unknown,
      answer: { page: {} },
      tool: {
        name: 'list_all_crisp_teams',
        title: 'List teams',
        description: 'Lists the teams of operators: team_id, name, user_ids of members.',
        class: 'list',
      },
    },
    {
      id: 'website.createNewTeam',
      method: 'POST',
      path: '/website/{website_id}/team',
      tiers: TIERS.unknown,
      body: settings,
      tool: {
        name: 'create_a_crisp_team',
        title: 'Create a team',
        description: 'Creates a team of operators and returns its team_id.',
        class: 'create',
      },
    },
    {
      id: 'website.checkTeamExists',
      method: 'HEAD',
      path: '/website/{website_id}/team/{team_id}',
      tiers: TIERS.unknown,
      answer: { exists: true },
      tool: {
        name: 'crisp_teams_exists',
        title: 'Check a team',
        description: 'Tells whether a team with this team_id exists.',
        class: 'custom',
      },
    },
    {
      id: 'website.getTeam',
      method: 'GET',
      path: '/website/{website_id}/team/{team_id}',
      tiers: TIERS.unknown,
      tool: {
        name: 'get_single_crisp_team_by_id',
        title: 'Get a team',
        description: 'Gets one team of operators: name, user_ids of members.',
        class: 'get',
      },
    },
    {
      id: 'website.saveTeam',
      method: 'PUT',
      path: '/website/{website_id}/team/{team_id}',
      tiers: TIERS.unknown,
      body: settings,
      tool: {
        name: 'update_a_crisp_team_by_id',
        title: 'Replace a team',
        description: 'Replaces a team (PUT): name, emoji and all members; whatever is not sent is lost.',
        class: 'update',
      },
    },
    {
      id: 'website.deleteTeam',
      method: 'DELETE',
      path: '/website/{website_id}/team/{team_id}',
      tiers: TIERS.unknown,
      tool: {
        name: 'delete_a_crisp_team',
        title: 'Delete a team',
        description: 'Deletes a team of operators; the operators stay.',
        class: 'delete',
      },
    },
  ],
};
