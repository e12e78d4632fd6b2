import { describe, expect, test } from 'vitest';
import { formatTraceparent, parseTraceparent, traceparentOf } from './trace-context.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const VALID = `00-${TRACE}-${SPAN}-01`;

describe('a trace context', () => {
  test.each([
    ['of version 00', VALID, VALID],
    ['of a later version, with more', `cc-${TRACE}-${SPAN}-01-what-the-future-brings`, VALID],
    ['of a later version, without', `01-${TRACE}-${SPAN}-00`, `00-${TRACE}-${SPAN}-00`],
    ['of version 00 with more', `${VALID}-extra`, undefined],
    ['of the forbidden version', `ff-${TRACE}-${SPAN}-01`, undefined],
    ['without a trace', `00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
    ['without a span', `00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
    ['in capitals', VALID.toUpperCase(), undefined],
    ['with a line break', `${VALID}\r\nx-evil: 1`, undefined],
    ['that is endless', `cc-${TRACE}-${SPAN}-01-${'x'.repeat(1_000)}`, undefined],
    ['that is no text', 42, undefined],
    ['that is missing', undefined, undefined],
  ])('%s', (_name, value, expected) => {
    expect(traceparentOf(value)).toBe(expected);
  });

  test('is read and written', () => {
    expect(parseTraceparent(VALID)).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true });
    expect(formatTraceparent(parseTraceparent(VALID))).toBe(VALID);
  });
});
