import { z } from 'zod';
import { added, deleted, page, Refusal, resolved, saved } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { TEAM_NOT_FOUND } from '../inferred.ts';
import { pageOf } from '../query.ts';
import type { Team } from '../website.ts';

/** Groups of operators. */
export const teams: Handlers = {
  'website.listTeams': (call) => page(pageOf(call, [...call.website.teams.values()])),

  'website.createNewTeam': (call) => {
    const team_id = call.state.newId();
    const settings = parseBody(TeamSettings, call.body);
    call.website.teams.set(team_id, { team_id, ...settings, created_at: call.now, updated_at: call.now });
    return added({ team_id });
  },

  'website.checkTeamExists': (call) => {
    findTeam(call);
    return resolved({});
  },
  'website.getTeam': (call) => resolved(findTeam(call)),

  'website.saveTeam': (call) => {
    const { team_id, created_at } = findTeam(call);
    const settings = parseBody(TeamSettings, call.body);
    call.website.teams.set(team_id, { team_id, ...settings, created_at, updated_at: call.now });
    return saved();
  },

  'website.deleteTeam': (call) => {
    const { team_id } = findTeam(call);
    call.website.teams.delete(team_id);
    for (const inbox of call.website.inboxes.values()) inbox.teams = inbox.teams.filter((id) => id !== team_id);
    return deleted();
  },
};

const TeamSettings = z.object({
  name: z.string().min(1),
  emoji: z.string().default(''),
  operators: z.array(z.string()).default([]),
});

function findTeam(call: Call): Team {
  const team = call.website.teams.get(param(call, 'team_id'));
  if (team === undefined) throw new Refusal(TEAM_NOT_FOUND);
  return team;
}
