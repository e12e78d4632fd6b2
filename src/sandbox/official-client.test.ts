import { Crisp, HelpdeskContentType } from 'crisp-api';
import { expect, test } from 'vitest';
import type { Tier } from '../catalog/tool.ts';
import { type Bench, member, members, sandboxBench } from './testing.ts';

/** The official client against the sandbox: what it sends is understood, what comes back is what it expects. */
function client(bench: Bench, tier: Tier): Crisp {
  const crisp = new Crisp();
  crisp.setRestHost(bench.sandbox.url);
  const { identifier, key } = bench.sandbox.credentials[tier];
  crisp.authenticateTier(tier, identifier, key);
  return crisp;
}

test('authenticates and lists conversations', async () => {
  await using bench = await sandboxBench();
  const { website } = client(bench, 'plugin');
  const id = bench.sandbox.websiteId;
  expect(await website.getWebsite(id)).toMatchObject({ website_id: id, name: 'Acme Analytics' });
  expect(await website.listConversations(id, 1, { per_page: 50 })).toHaveLength(40);
  expect(bench.sandbox.requests.map((request) => request.status)).toEqual([200, 206]);
});

test('rejects with the reason of the sandbox', async () => {
  await using bench = await sandboxBench();
  const id = bench.sandbox.websiteId;
  await expect(client(bench, 'plugin').website.listCampaigns(id, 1)).rejects.toMatchObject({
    code: 403,
    message: 'not_allowed',
  });
  const nobody = new Crisp();
  nobody.setRestHost(bench.sandbox.url);
  nobody.authenticateTier('plugin', 'nobody', 'nothing');
  await expect(nobody.website.getWebsite(id)).rejects.toMatchObject({ code: 401, message: 'invalid_session' });
});

test('creates a conversation, sends, edits and reads messages', async () => {
  await using bench = await sandboxBench();
  const { website } = client(bench, 'website');
  const id = bench.sandbox.websiteId;
  const session = String(member(await website.createNewConversation(id), 'session_id'));
  const sent = await website.sendMessageInConversation(id, session, {
    type: 'text',
    from: 'operator',
    origin: 'chat',
    content: 'Hello',
  });
  const fingerprint = Number(member(sent, 'fingerprint'));
  await website.updateMessageInConversation(id, session, fingerprint, 'Hello again');
  expect(members(await website.getMessagesInConversation(id, session), 'content')).toEqual(['Hello again']);
  expect(await website.getMessagesInConversation(id, session, 1)).toEqual([]);
  await website.changeConversationState(id, session, 'resolved');
  expect(await website.getConversationState(id, session)).toEqual({ state: 'resolved' });
  await website.removeConversation(id, session);
  await expect(website.checkConversationExists(id, session)).rejects.toMatchObject({
    code: 404,
    message: 'route_error',
  });
});

test('creates, changes, replaces and removes a person', async () => {
  await using bench = await sandboxBench();
  const { website } = client(bench, 'plugin');
  const id = bench.sandbox.websiteId;
  const profile = { email: 'ada@example.net', person: { nickname: 'Ada' } };
  const people = String(member(await website.addNewPeopleProfile(id, profile), 'people_id'));
  await expect(website.addNewPeopleProfile(id, profile)).rejects.toMatchObject({ code: 409, message: 'people_exists' });
  await website.updatePeopleProfile(id, people, { segments: ['vip'] });
  expect(await website.getPeopleProfile(id, 'ada@example.net')).toMatchObject({ people_id: people, segments: ['vip'] });
  await website.savePeopleProfile(id, people, profile);
  expect(await website.getPeopleProfile(id, people)).toMatchObject({ segments: [] });
  await website.removePeopleProfile(id, people);
  await expect(website.checkPeopleProfileExists(id, people)).rejects.toMatchObject({ code: 404 });
});

test('creates, configures, dispatches and pauses a campaign', async () => {
  await using bench = await sandboxBench();
  const { website } = client(bench, 'user');
  const id = bench.sandbox.websiteId;
  const campaign = String(member(await website.createNewCampaign(id, 'one-shot', 'Spring'), 'campaign_id'));
  const managed = { created_at: 0, updated_at: 0 };
  await website.updateCampaign(id, campaign, { subject: 'S', message: 'M', recipients: { type: 'all' }, ...managed });
  await website.dispatchCampaign(id, campaign);
  expect(await website.getCampaign(id, campaign)).toMatchObject({ dispatched: true, running: true });
  await website.pauseCampaign(id, campaign);
  expect(await website.getCampaign(id, campaign)).toMatchObject({ dispatched: true, running: false });
  expect(bench.sandbox.state.deliveries).toHaveLength(1);
});

test('writes and publishes a helpdesk article', async () => {
  await using bench = await sandboxBench();
  const { website } = client(bench, 'plugin');
  const id = bench.sandbox.websiteId;
  const path = 'billing/dunning.md';
  await website.createHelpdeskTreePath(id, 'en', HelpdeskContentType.Articles, path);
  await website.saveHelpdeskTreeContent(id, 'en', HelpdeskContentType.Articles, path, '# Dunning');
  await website.updateHelpdeskTreeMetadata(id, 'en', HelpdeskContentType.Articles, path, {
    title: 'Dunning',
    state: { published: true },
  });
  expect(await website.resolveHelpdeskTreeContent(id, 'en', HelpdeskContentType.Articles, path)).toEqual({
    content: '# Dunning',
  });
  expect(await website.resolveHelpdeskTreePage(id, 'en', HelpdeskContentType.Articles, path)).toMatchObject({
    title: 'Dunning',
  });
  await website.deleteHelpdeskTreePath(id, 'en', HelpdeskContentType.Articles, path);
  expect(bench.sandbox.state.article('en', path)).toBeUndefined();
});
