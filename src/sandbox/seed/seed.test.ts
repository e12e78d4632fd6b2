import { expect, test } from 'vitest';
import { seededRandom } from '../../process/random.ts';
import { unreadFrom } from '../families/conversation-view.ts';
import { seedState } from './seed.ts';

const NOW = Date.parse('2026-11-24T09:00:00Z');
const seed = (number: number) => seedState({ seed: number, now: NOW, random: seededRandom(1) });

test('the same seed and clock give the same data, another seed gives other ids', () => {
  expect(JSON.stringify(seed(1).dump())).toBe(JSON.stringify(seed(1).dump()));
  expect(seed(1).main.website_id).not.toBe(seed(2).main.website_id);
});

test('there is a backlog worth working on', () => {
  const { main } = seed(1);
  const conversations = [...main.conversations.values()];
  const unread = conversations.filter((conversation) => unreadFrom(conversation, 'user').length > 0);
  const tagged = (segment: string) =>
    unread.filter(({ meta }) => Array.isArray(meta.segments) && meta.segments.includes(segment)).length;
  expect(conversations).toHaveLength(40);
  expect(main.people.size).toBe(60);
  expect(tagged('bug')).toBeGreaterThanOrEqual(5);
  expect(tagged('billing')).toBeGreaterThanOrEqual(3);
  expect(unread.length).toBeLessThan(conversations.length / 2);
});

test('articles mention the V1 Dashboard, in English and in French', () => {
  const nodes = [...seed(1).main.helpdesk.nodes.values()];
  const mentioning = (locale: string) =>
    nodes.filter((node) => node.locale === locale && node.content.includes('V1 Dashboard')).length;
  expect(nodes.filter((node) => node.type === 'entry')).toHaveLength(25);
  expect(mentioning('en')).toBe(7);
  expect(mentioning('fr')).toBe(1);
});

test('nobody of the seed is at a real domain', () => {
  const text = JSON.stringify(seed(1).dump());
  const domains = [...text.matchAll(/[\w.+-]+@([\w.-]+)/g)].map((match) => match[1] ?? '');
  expect(domains.length).toBeGreaterThan(60);
  expect(domains.filter((domain) => !/(^|\.)example\.com$/.test(domain))).toEqual([]);
});

test('messages lie in the past and in order', () => {
  for (const { messages, created_at } of seed(1).main.conversations.values()) {
    const times = messages.map((message) => message.timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(NOW);
    expect(created_at).toBeLessThan(times[0] ?? 0);
  }
});
