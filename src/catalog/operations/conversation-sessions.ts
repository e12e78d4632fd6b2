import { choice, defaulting, object, openObject, required, text, whole } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';
import { author, changeOrigin } from './shapes.ts';

/** What happens live between operator and visitor: co-browsing and calls. Both need the visitor to be online. */
const point = object('Where', { x: whole(''), y: whole('') });
const ASSISTS = ['mouse', 'click', 'scroll'] as const;
/** It opens the stream of a visitor's screen, which is of no use over HTTP. */
const STREAM_TOKEN = ['browsing_token'];

export const conversationSessions: Family = {
  tags: ['conversations'],
  operations: [
    {
      id: 'website.listBrowsingSessionsForConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/browsing',
      tiers: TIERS.open,
      answer: { redact: STREAM_TOKEN },
      tool: {
        name: 'list_all_crisp_browsing_sessions',
        title: 'List co-browsing sessions',
        description: 'Lists the co-browsing sessions of a conversation: browsing_id, user agent. Tokens are redacted.',
        class: 'list',
      },
    },
    {
      id: 'website.initiateBrowsingSessionForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/browsing',
      tiers: TIERS.open,
      tool: {
        name: 'create_a_crisp_browsing_session',
        title: 'Start co-browsing',
        description:
          "Asks to watch the screen of a conversation's visitor, who must be online. Returns nothing: list_all_crisp_browsing_sessions shows the session.",
        class: 'create',
        openWorld: true,
      },
    },
    {
      id: 'website.sendActionToExistingBrowsingSession',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/browsing/{browsing_id}',
      tiers: TIERS.open,
      body: { action: required(text('Such as start', { min: 1 })) },
      tool: {
        name: 'crisp_browsing_sessions_send_action',
        title: 'Control a co-browsing session',
        description: 'Sends an action, such as start, to a co-browsing session.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.assistExistingBrowsingSession',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/browsing/{browsing_id}/assist',
      tiers: TIERS.open,
      body: { action: required(choice('What to do', ASSISTS)), mouse: point, click: point, scroll: point },
      check: ({ action, ...args }) =>
        ASSISTS.flatMap((name) =>
          (name === action) === (args[name] !== undefined)
            ? []
            : [{ field: name, message: `must be given exactly when action is ${name}` }],
        ),
      tool: {
        name: 'crisp_browsing_sessions_assist',
        title: 'Point in a co-browsing session',
        description:
          "Moves the mouse, clicks or scrolls in the visitor's page: action, and the field of that name with the place.",
        class: 'custom',
        destructive: true,
        idempotent: false,
        openWorld: true,
      },
    },
    {
      id: 'website.initiateNewCallSessionForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/call',
      tiers: TIERS.open,
      body: {
        mode: defaulting(choice('Kind of call', ['audio', 'video']), 'audio'),
        user: author('Shown as who calls'),
        origin: changeOrigin,
      },
      tool: {
        name: 'create_a_crisp_conversation_call',
        title: 'Call a visitor',
        description: 'Rings the visitor of a conversation, who must be online, for an audio or video call: call_id.',
        class: 'create',
        openWorld: true,
      },
    },
    {
      id: 'website.getOngoingCallSessionForConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/call',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_conversation_call_by_id',
        title: 'Get the ongoing call',
        description: 'Gets the call_id of the ongoing call of a conversation, by its session_id.',
        class: 'get',
      },
    },
    {
      id: 'website.abortOngoingCallSessionForConversation',
      method: 'DELETE',
      path: '/website/{website_id}/conversation/{session_id}/call/{call_id}',
      tiers: TIERS.open,
      body: { user: author('Shown as who hung up'), origin: changeOrigin },
      tool: {
        name: 'delete_a_crisp_conversation_call',
        title: 'Hang up a call',
        description: 'Ends the ongoing call of a conversation for both sides.',
        class: 'delete',
        openWorld: true,
      },
    },
    {
      id: 'website.transmitSignalingOnOngoingCallSession',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/call/{call_id}',
      tiers: TIERS.open,
      body: {
        type: required(text('Such as sdp', { min: 1 })),
        payload: required(openObject('Of the type', 'Signaling payload; values of type other than sdp not found')),
      },
      tool: {
        name: 'crisp_calls_transmit_signaling',
        title: 'Transmit WebRTC signaling',
        description: 'Passes a WebRTC signaling message to the visitor in the ongoing call. For call software.',
        class: 'custom',
        idempotent: false,
        openWorld: true,
      },
    },
  ],
};
