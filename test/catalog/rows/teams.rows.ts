import { type Rows, WEBSITE } from '../row.ts';

export const teams: Rows = {
  'website.listTeams': { call: (a) => [WEBSITE, a.page_number] },
  'website.createNewTeam': { call: (body) => [WEBSITE, body] },
  'website.checkTeamExists': { call: (a) => [WEBSITE, a.team_id] },
  'website.getTeam': { call: (a) => [WEBSITE, a.team_id] },
  'website.saveTeam': { call: ({ team_id, ...body }) => [WEBSITE, team_id, body] },
  'website.deleteTeam': { call: (a) => [WEBSITE, a.team_id] },
};
