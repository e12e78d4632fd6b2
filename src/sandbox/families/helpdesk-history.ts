import { z } from 'zod';
import { deleted, page, Refusal, resolved } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { CHANGE_NOT_FOUND } from '../inferred.ts';
import { pageOf } from '../query.ts';
import type { HelpdeskChange } from '../website.ts';
import { cancelChange, changeView } from './helpdesk-changes.ts';

/** The history of changes of the helpdesk. */
export const helpdeskHistory: Handlers = {
  'website.listHelpdeskHistoryChanges': (call) => {
    const sought = { locale: 'filter_locale', contentType: 'filter_type' } as const;
    const path = call.query.get('filter_tree_path');
    const found = call.website.helpdesk.changes
      .filter((change) => matches(call.query.get(sought.locale), change.locale))
      .filter((change) => matches(call.query.get(sought.contentType), change.contentType))
      .filter((change) => change.files.some((file) => matches(path, file.path)));
    return page(pageOf(call, found).map(changeView));
  },
  'website.resolveHelpdeskHistoryChange': (call) => resolved(changeView(findChange(call))),
  'website.cancelHelpdeskHistoryChange': (call) => {
    const change = findChange(call);
    parseBody(Cancel, call.body);
    cancelChange(call, change);
    return deleted();
  },
};

const Cancel = z.object({ action: z.string() });

const matches = (wanted: string | null, value: string): boolean => wanted === null || wanted === '' || wanted === value;

function findChange(call: Call): HelpdeskChange {
  const id = param(call, 'change_id');
  const change = call.website.helpdesk.changes.find((other) => other.change_id === id);
  if (change === undefined) throw new Refusal(CHANGE_NOT_FOUND);
  return change;
}
