import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RespStream, type RespValue } from './resp-stream.ts';

const command = (...words: string[]) =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

function messagesOf(pieces: readonly Buffer[]): { values: RespValue[]; bytes: Buffer } {
  const stream = new RespStream();
  const messages = pieces.flatMap((piece) => stream.push(piece));
  return { values: messages.map(({ value }) => value), bytes: Buffer.concat(messages.map(({ bytes }) => bytes)) };
}

describe('a stream of RESP', () => {
  it.each<[string, string, RespValue]>([
    ['a command', command('GET', 'clé'), ['GET', 'clé']],
    ['a bulk string that holds line ends', command('SET', 'a\r\n$3\r\n'), ['SET', 'a\r\n$3\r\n']],
    ['a simple string', '+OK\r\n', 'OK'],
    ['an error', '-NOSCRIPT no such\r\n', { error: 'NOSCRIPT no such' }],
    ['a number', ':-7\r\n', -7],
    ['nothing', '$-1\r\n', null],
    ['an empty bulk string', '$0\r\n\r\n', ''],
    ['arrays in arrays', '*2\r\n*2\r\n:1\r\n$1\r\na\r\n*-1\r\n', [[1, 'a'], null]],
  ])('understands %s', (_what, text, value) => {
    expect(messagesOf([Buffer.from(text)]).values).toEqual([value]);
  });

  it('gives the same messages and bytes wherever the pieces end', () => {
    const text = Buffer.from(`${command('EVALSHA', 'x'.repeat(40), '1', 'ké')}+OK\r\n${command('PING')}*1\r\n:1\r\n`);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), text.length];
        const pieces = ends.map((end, index) => text.subarray(ends[index - 1] ?? 0, end));
        const { values, bytes } = messagesOf(pieces);
        expect(values).toEqual([['EVALSHA', 'x'.repeat(40), '1', 'ké'], 'OK', ['PING'], [1]]);
        expect(bytes).toEqual(text);
      }),
    );
  });

  it('refuses what is no RESP', () => {
    expect(() => messagesOf([Buffer.from('PING\r\n')])).toThrow(/not RESP2/);
  });
});
