import { anything, openObject, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

/**
 * What integrations offer beside a conversation: widgets of plugins, and tool calls. The answer comes later and over
 * another channel; here is only the number under which it will come.
 */
const section = required(text('Section of the widget', { min: 1 }));
const item = required(text('Item in the section', { min: 1 }));
const LATER = {
  note: 'Accepted: the plugin answers asynchronously, over the realtime API, under this correlation_id.',
};

export const conversationWidgets: Family = {
  tags: ['conversations', 'plugins'],
  operations: [
    {
      id: 'website.deliverWidgetButtonActionForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/widget/{plugin_id}/button',
      tiers: TIERS.user,
      body: {
        section_id: section,
        item_id: item,
        data: required(openObject('Passed to the plugin', 'object without fields')),
        value: anything('Any JSON', 'Any value (Go: interface{})'),
      },
      answer: LATER,
      tool: {
        name: 'crisp_widgets_press_button',
        title: 'Press a button of a widget',
        description: "Presses a button of a plugin's widget beside a conversation. What it does is up to the plugin.",
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.deliverWidgetDataFetchActionForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/widget/{plugin_id}/data',
      tiers: TIERS.user,
      body: {
        section_id: section,
        item_id: item,
        data: required(openObject('Passed to the plugin', 'object without fields')),
      },
      answer: LATER,
      tool: {
        name: 'crisp_widgets_fetch_data',
        title: 'Fetch data of a widget',
        description: "Asks a plugin's widget beside a conversation for its data. It does not come back in the answer.",
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.deliverWidgetDataEditActionForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/widget/{plugin_id}/data',
      tiers: TIERS.user,
      body: { section_id: section, item_id: item, value: required(anything('The new one, any JSON', 'type any')) },
      answer: LATER,
      tool: {
        name: 'crisp_widgets_edit_data',
        title: 'Edit data of a widget',
        description: "Writes a value through a plugin's widget beside a conversation, into the plugin's system.",
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.requestToolCallForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/tool',
      tiers: TIERS.unknown,
      body: {
        command: required(text('Such as list_tools', { min: 1 })),
        payload: openObject(
          'Of the command',
          'object without fields; values of command other than list_tools not found',
        ),
      },
      tool: {
        name: 'crisp_conversations_request_tool_call',
        title: 'Request a tool call',
        description: 'Runs a command of the tools connected to the workspace in the context of a conversation.',
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
  ],
};
