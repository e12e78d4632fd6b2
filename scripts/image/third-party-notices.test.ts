import { expect, test } from 'vitest';
import { thirdPartyNotices } from './third-party-notices.ts';

test('one text that covers two packages is printed once, under both', () => {
  const text = thirdPartyNotices([
    { title: 'a 1 (MIT)', texts: ['Permission is hereby granted'] },
    { title: 'b 2 (ISC)', texts: ['other'] },
    { title: 'c 3 (MIT)', texts: ['Permission is hereby granted'] },
  ]);
  expect(text.match(/Permission/g)).toHaveLength(1);
  expect(text).toMatch(/a 1 \(MIT\)\nc 3 \(MIT\)\n=/);
});

test('a package without a text is named as such', () => {
  expect(thirdPartyNotices([{ title: 'a 1 (MIT)', texts: [] }])).toContain('No licence text');
});
