import { afterAll, beforeAll, describe } from 'vitest';
import { applyTests } from './object-api-apply.ts';
import { deleteTests } from './object-api-delete.ts';
import { kindTests } from './object-api-kinds.ts';
import { listTests } from './object-api-list.ts';
import type { Subject } from './object-api-subject.ts';
import { watchTests } from './object-api-watch.ts';
import { writeTests } from './object-api-writes.ts';

/**
 * What the project relies on in the resource API, as one suite over both implementations. Where they differed, the real
 * API server was right.
 */
export function describeObjectApi(name: string, open: () => Promise<Subject>): void {
  describe(name, () => {
    let opened: Subject | undefined;
    const subject = (): Subject => {
      if (opened === undefined) throw new Error('the API is not open');
      return opened;
    };
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(async () => opened?.close());

    describe('create, get, replace, patch', () => writeTests(subject));
    describe('delete', () => deleteTests(subject));
    describe('server-side apply', () => applyTests(subject));
    describe('list', () => listTests(subject));
    describe('watch', () => watchTests(subject));
    describe('kinds', () => kindTests(subject));
  });
}
