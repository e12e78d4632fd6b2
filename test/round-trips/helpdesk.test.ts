import { expect, test } from 'vitest';
import { member, members } from '../../src/sandbox/testing.ts';
import { mcpBench } from './mcp-bench.ts';

const DUNNING = { locale: 'en', path: 'billing/dunning.md' };

test('an article: create, write, publish, move, unpublish, delete', async () => {
  await using bench = await mcpBench();
  await bench.call('create_a_crisp_helpdesk_article', DUNNING);
  await bench.call('update_a_crisp_helpdesk_article_by_id', { ...DUNNING, title: 'Dunning', content: '# Dunning' });
  expect(await bench.call('get_single_crisp_helpdesk_article_by_id', DUNNING)).toMatchObject({
    metadata: { title: 'Dunning', state: { published: false } },
    content: '# Dunning',
  });
  expect(await bench.refusal('get_single_crisp_helpdesk_article_page_by_id', DUNNING)).toContain('page_not_found');

  await bench.call('crisp_helpdesk_articles_publish', DUNNING);
  const page = await bench.call('get_single_crisp_helpdesk_article_page_by_id', DUNNING);
  expect(page).toMatchObject({ title: 'Dunning' });
  const pages = await bench.call('list_all_crisp_helpdesk_pages', { locale: 'en' });
  const index = members(pages, 'url').indexOf(member(page, 'url'));
  const entity_id = member(pages, index, 'entity_id');
  expect(await bench.call('get_single_crisp_helpdesk_page_by_id', { locale: 'en', entity_id })).toEqual(
    member(pages, index),
  );

  await bench.call('crisp_helpdesk_articles_move', { ...DUNNING, action: 'move', to: 'account/dunning.md' });
  const moved = { locale: 'en', path: 'account/dunning.md' };
  expect(await bench.call('get_single_crisp_helpdesk_tree_path_by_id', moved)).toMatchObject({ slug: 'dunning.md' });
  expect(await bench.refusal('get_single_crisp_helpdesk_article_by_id', DUNNING)).toContain('path_not_found');
  expect(
    members(await bench.call('list_all_crisp_helpdesk_articles', { locale: 'en', sub_path: 'account' }), 'slug'),
  ).toContain('dunning.md');

  await bench.call('crisp_helpdesk_articles_unpublish', moved);
  expect(await bench.refusal('get_single_crisp_helpdesk_article_page_by_id', moved)).toContain('page_not_found');
  await bench.call('delete_a_crisp_helpdesk_article', moved);
  expect(await bench.refusal('get_single_crisp_helpdesk_tree_path_by_id', moved)).toContain('path_not_found');
});

test('a change is listed, read and cancelled', async () => {
  await using bench = await mcpBench();
  const article = { locale: 'en', path: 'billing/refunds.md' };
  const before = bench.sandbox.state.article('en', article.path)?.content;
  await bench.call('update_a_crisp_helpdesk_article_by_id', { ...article, content: 'Nobody gets anything.' });
  const changes = await bench.call('list_all_crisp_helpdesk_changes', { filter_tree_path: article.path });
  const change_id = member(changes, 0, 'change_id');
  expect(await bench.call('get_single_crisp_helpdesk_change_by_id', { change_id })).toEqual(member(changes, 0));
  await bench.call('crisp_helpdesk_changes_cancel', { change_id, action: 'cancel' });
  expect(await bench.call('get_single_crisp_helpdesk_article_by_id', article)).toMatchObject({ content: before });
  expect(await bench.refusal('get_single_crisp_helpdesk_change_by_id', { change_id })).toContain('change_not_found');
});

test('a locale: add, read, refresh, import and export, delete', async () => {
  await using bench = await mcpBench();
  const locale = { locale: 'pt-br' };
  expect(await bench.call('crisp_helpdesk_locales_exists', locale)).toEqual({ exists: false });
  await bench.call('create_a_crisp_helpdesk_locale', locale);
  expect(await bench.call('crisp_helpdesk_locales_exists', locale)).toEqual({ exists: true });
  expect(members(await bench.call('list_all_crisp_helpdesk_locales'), 'locale')).toEqual(['en', 'fr', 'pt-br']);
  await bench.call('create_a_crisp_helpdesk_article', { ...locale, path: 'notas.md', content_type: 'news' });
  expect(await bench.call('get_single_crisp_helpdesk_locale_by_id', locale)).toMatchObject({
    statistics: { news: { entries: 1, groups: 0 }, articles: { entries: 0, groups: 0 } },
  });
  await bench.call('crisp_helpdesk_content_refresh', { ...locale, content_type: 'news' });
  const source = { helpdesk_url: 'https://help.example.com/', detect_locales: true };
  expect(await bench.text('crisp_helpdesk_articles_import', { ...locale, ...source })).toContain('in the background');
  expect(await bench.text('crisp_helpdesk_articles_export', locale)).toContain('in the background');
  await bench.call('delete_a_crisp_helpdesk_locale', locale);
  expect(await bench.refusal('get_single_crisp_helpdesk_locale_by_id', locale)).toContain('locale_not_found');
});

test('a redirection: add, list, read, delete', async () => {
  await using bench = await mcpBench();
  const way = { path: '/en/article/old/', target: '/en/articles/billing/plans/' };
  const created = await bench.call('create_a_crisp_helpdesk_redirection', way);
  const redirection = { redirection_id: member(created, 'redirection_id') };
  expect(await bench.call('get_single_crisp_helpdesk_redirection_by_id', redirection)).toMatchObject(way);
  expect(members(await bench.call('list_all_crisp_helpdesk_redirections'), 'path')).toContain(way.path);
  expect(await bench.call('crisp_helpdesk_redirections_exists', redirection)).toEqual({ exists: true });
  await bench.call('delete_a_crisp_helpdesk_redirection', redirection);
  expect(await bench.call('crisp_helpdesk_redirections_exists', redirection)).toEqual({ exists: false });
  expect(await bench.refusal('get_single_crisp_helpdesk_redirection_by_id', redirection)).toContain(
    'redirection_not_found',
  );
});

test('settings change where given, and what opens the helpdesk is not shown', async () => {
  await using bench = await mcpBench();
  await bench.call('update_a_crisp_helpdesk_settings_by_id', {
    name: 'Help',
    appearance: { banner: null },
    behavior: { ask_feedback: false },
    access: { password: 'let-me-in' },
  });
  const text = await bench.text('get_single_crisp_helpdesk_settings_by_id');
  expect(JSON.parse(text)).toMatchObject({
    name: 'Help',
    behavior: { ask_feedback: false, show_chatbox: true },
    access: { restrict_mode: 'public', password: '[redacted]', jwt_secret: '[redacted]' },
  });
  for (const secret of bench.sandbox.state.secrets()) expect(text).not.toContain(secret);
});

test('the domain changes, and says what DNS needs', async () => {
  await using bench = await mcpBench();
  const custom = 'docs.example.com';
  await bench.call('update_a_crisp_helpdesk_domain_by_id', { basic: 'acme', custom });
  expect(await bench.call('get_single_crisp_helpdesk_domain_by_id')).toMatchObject({
    basic: 'acme',
    custom,
    verified: false,
  });
  expect(await bench.call('crisp_helpdesk_domain_setup', { custom })).toMatchObject({
    setup: { records: [{ type: 'CNAME', name: custom }] },
  });
  expect(await bench.call('get_single_crisp_helpdesk_by_id')).toMatchObject({ url: 'https://acme.crisp.help/' });
});

test('feedback is counted as it is listed', async () => {
  await using bench = await mcpBench();
  const feedbacks = await bench.call('list_all_crisp_helpdesk_feedbacks', { locale: 'en' });
  const ratings = members(feedbacks, 'rating');
  const count = (wanted: string) => ratings.filter((rating) => rating === wanted).length;
  expect(await bench.call('crisp_helpdesk_feedback_ratings', { locale: 'en' })).toEqual({
    ratings: { helpful: count('helpful'), unhelpful: count('unhelpful') },
  });
  expect(count('helpful')).toBeGreaterThan(0);
  expect(member(feedbacks, 0, 'session', 'session_id')).toMatch(/^session_/);
  const later = { locale: 'en', filter_date_start: '2026-11-25T00:00:00Z' };
  expect(await bench.call('list_all_crisp_helpdesk_feedbacks', later)).toEqual([]);
});

test('the helpdesk itself: delete with the secret, 404, set up anew', async () => {
  await using bench = await mcpBench();
  const name = { name: 'New help', domain_basic: 'new-help' };
  expect(await bench.refusal('create_a_crisp_helpdesk', name)).toContain('helpdesk_exists');
  const verify = (secret: string) => ({ verify: { method: 'password', secret } });
  expect(await bench.refusal('delete_a_crisp_helpdesk', verify('wrong'))).toContain('password_unverified');
  await bench.call('delete_a_crisp_helpdesk', verify(bench.sandbox.state.ownerSecret));
  expect(await bench.call('crisp_helpdesk_exists')).toEqual({ exists: false });
  expect(await bench.refusal('list_all_crisp_helpdesk_articles', { locale: 'en' })).toContain('helpdesk_not_found');
  await bench.call('create_a_crisp_helpdesk', name);
  expect(await bench.call('get_single_crisp_helpdesk_by_id')).toEqual({
    name: 'New help',
    url: 'https://new-help.crisp.help/',
  });
  expect(await bench.call('list_all_crisp_helpdesk_locales')).toEqual([]);
});
