import { describe, expect, test } from 'vitest';
import { tool } from './fakes.ts';
import { ManifestCache, manifestTail } from './manifest-cache.ts';

const serverInfo = { name: 'crisp-mcp', version: '1' };
const tools = Array.from({ length: 50 }, (_, number) => tool(`list_crisp_things_${number}`));

describe('manifest cache', () => {
  test('builds the bytes of a set of tools and era once', () => {
    const cache = new ManifestCache({ serverInfo });
    const first = cache.get('all', 'legacy', tools);
    for (let request = 0; request < 100; request++) expect(cache.get('all', 'legacy', tools).plain).toBe(first.plain);
    cache.get('all', 'modern', tools);
    cache.get('one', 'legacy', tools.slice(0, 1));
    expect(cache.built).toBe(3);
  });

  test('has the compressed form once the thread pool is done, of the same bytes', async () => {
    const cache = new ManifestCache({ serverInfo });
    const { plain, gzip } = cache.get('all', 'legacy', tools);
    expect(gzip).toBeUndefined();
    await expect.poll(() => cache.get('all', 'legacy', tools).gzip?.plainLength).toBe(plain.length);
    expect(cache.get('all', 'legacy', tools).plain).toBe(plain);
  });

  test('stays within its bytes by dropping what was least used', () => {
    const size = new ManifestCache({ serverInfo }).get('a', 'legacy', tools).plain.length;
    const cache = new ManifestCache({ serverInfo, maxBytes: size * 3 });
    for (let key = 0; key < 20; key++) cache.get(String(key), 'legacy', tools);
    expect(cache.bytes).toBeLessThanOrEqual(size * 3);
    cache.get('19', 'legacy', tools);
    expect(cache.built).toBe(20);
    cache.get('0', 'legacy', tools);
    expect(cache.built).toBe(21);
  });

  test('a manifest larger than the cache is served all the same', () => {
    const cache = new ManifestCache({ serverInfo, maxBytes: 10 });
    const { plain } = cache.get('all', 'legacy', tools);
    expect(JSON.parse(plain.toString() + manifestTail('legacy', 7, 0))).toMatchObject({
      id: 7,
      result: { tools: { length: 50 } },
    });
  });

  test('no tools make an empty list', () => {
    const { plain } = new ManifestCache({ serverInfo }).get('none', 'modern', []);
    expect(JSON.parse(plain.toString() + manifestTail('modern', 'x', 5))).toEqual({
      jsonrpc: '2.0',
      id: 'x',
      result: {
        resultType: 'complete',
        tools: [],
        ttlMs: 5,
        cacheScope: 'private',
        _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
      },
    });
  });
});
