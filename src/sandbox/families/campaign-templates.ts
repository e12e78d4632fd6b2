import { z } from 'zod';
import { added, deleted, page, Refusal, resolved, saved, updated } from '../answer.ts';
import { parseBody } from '../body.ts';
import { type Call, type Handlers, param } from '../handler.ts';
import { TEMPLATE_NOT_FOUND } from '../inferred.ts';
import { type Fields, mergeFields } from '../merge.ts';
import { flag, pageOf } from '../query.ts';

/** Templates for campaigns. Those that are made here are custom; static ones are seeded. */
export const campaignTemplates: Handlers = {
  'website.listCampaignTemplates': (call) => {
    const text = call.query.get('search_name')?.toLowerCase() ?? '';
    const kinds = (['static', 'custom'] as const).filter((kind) => flag(call.query, `filter_type_${kind}`));
    const found = [...call.website.campaignTemplates.values()]
      .filter((template) => String(template.name).toLowerCase().includes(text))
      .filter((template) => kinds.length === 0 || kinds.some((kind) => template.type === kind));
    return page(pageOf(call, found).map(({ content: _content, ...rest }) => rest));
  },
  'website.createNewCampaignTemplate': (call) => {
    const template_id = call.state.newId();
    const times = { created_at: call.now, updated_at: call.now };
    const sent = parseBody(NewTemplate, call.body);
    call.website.campaignTemplates.set(template_id, { ...sent, template_id, type: 'custom', content: '', ...times });
    return added({ template_id });
  },
  'website.checkCampaignTemplateExists': (call) => {
    findTemplate(call);
    return resolved({});
  },
  'website.getCampaignTemplate': (call) => resolved(findTemplate(call)),
  'website.saveCampaignTemplate': (call) => {
    const { template_id, type, created_at } = findTemplate(call);
    const sent = parseBody(Template, call.body);
    storeTemplate(call, { name: '', format: 'markdown', content: '', ...sent, template_id, type, created_at });
    return saved();
  },
  'website.updateCampaignTemplate': (call) => {
    storeTemplate(call, mergeFields(findTemplate(call), parseBody(Template, call.body)));
    return updated();
  },
  'website.removeCampaignTemplate': (call) => {
    findTemplate(call);
    call.website.campaignTemplates.delete(param(call, 'template_id'));
    return deleted();
  },
};

const NewTemplate = z.object({ format: z.string(), name: z.string() });
const Template = z.object({
  name: z.string().optional(),
  format: z.string().optional(),
  content: z.string().optional(),
});

function findTemplate(call: Call): Fields {
  const template = call.website.campaignTemplates.get(param(call, 'template_id'));
  if (template === undefined) throw new Refusal(TEMPLATE_NOT_FOUND);
  return template;
}

function storeTemplate(call: Call, template: Fields): void {
  call.website.campaignTemplates.set(param(call, 'template_id'), { ...template, updated_at: call.now });
}
