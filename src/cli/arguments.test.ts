import { describe, expect, test } from 'vitest';
import { baseUrl, list, origin, origins, port } from './arguments.ts';

describe('values of options', () => {
  test.each(['', '-1', '65536', '80a', '1e3', ' 80'])('a port is not %j', (text) => {
    expect(() => port(text)).toThrow(/whole number from 0 to 65535/);
  });
  test('a port may be 0, which picks a free one', () => {
    expect(port('0')).toBe(0);
  });
  test('a list is split at commas and adds to what came before', () => {
    expect(list('b, c,,', ['a'])).toEqual(['a', 'b', 'c']);
  });
  test.each(['https://a.example/path', 'ftp://a.example', 'a.example', 'https://u:p@a.example', 'https://a.example?x'])(
    'an origin is not %j',
    (text) => {
      expect(() => origin(text)).toThrow(/origin/);
    },
  );
  test('origins lose their slash at the end', () => {
    expect(origins('https://a.example/,http://b.example:8080')).toEqual(['https://a.example', 'http://b.example:8080']);
  });
  test('a base URL may have a path and never ends in a slash', () => {
    expect(baseUrl('https://a.example/mcp-gateway/')).toBe('https://a.example/mcp-gateway');
    expect(() => baseUrl('https://u@a.example')).toThrow(/URL/);
  });
});
