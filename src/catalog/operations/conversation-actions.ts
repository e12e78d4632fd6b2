import { choice, dateTime, defaulting, email, flag, list, matching, required, text } from '../fields.ts';
import { fingerprint } from '../identifiers.ts';
import { type Family, TIERS } from '../operation.ts';
import { author, changeOrigin, messageOrigin } from './shapes.ts';

/** What can be done in one conversation beside writing in it. */
const identity = required(matching('What to verify: email, phone or urn:…', '^(email|phone|urn:.+)$'));

export const conversationActions: Family = {
  tags: ['conversations'],
  operations: [
    {
      id: 'website.initiateConversationWithExistingSession',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/initiate',
      tiers: TIERS.open,
      tool: {
        name: 'crisp_conversations_initiate',
        title: 'Start a conversation with a visitor',
        description:
          'Starts the conversation with a visitor who has a session but has not written yet: session_id from list_all_crisp_visitors. Then write with create_a_crisp_message.',
        class: 'custom',
        tags: ['support', 'visitors'],
        openWorld: true,
      },
    },
    {
      id: 'website.composeMessageInConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/compose',
      tiers: TIERS.open,
      body: {
        type: required(choice('Typing starts or stops', ['start', 'stop'])),
        from: defaulting(choice('Who types: operator, or user, the visitor', ['operator', 'user']), 'operator'),
        excerpt: text('What is typed so far'),
        stealth: flag('Do not show it to the other side'),
        automated: flag('A bot types'),
      },
      tool: {
        name: 'crisp_conversations_compose',
        title: 'Show that somebody is typing',
        description: 'Shows or hides the typing indicator of a conversation. Sends no message.',
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.markMessagesDeliveredInConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/delivered',
      tiers: TIERS.open,
      body: {
        from: required(choice('Whose messages were delivered: user is the visitor', ['user', 'operator'])),
        origin: defaulting(messageOrigin('Where they were delivered'), 'chat'),
        fingerprints: list('Only these, from list_all_crisp_messages; all when left out', fingerprint(''), { min: 1 }),
      },
      tool: {
        name: 'crisp_conversations_mark_delivered',
        title: 'Mark messages as delivered',
        description: "Marks one side's messages of a conversation as delivered. For relays to other channels.",
        class: 'custom',
        openWorld: true,
      },
    },
    {
      id: 'website.requestIdentityVerificationForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/verify/identity',
      tiers: TIERS.open,
      body: {
        identity,
        method: choice('How to verify', ['link']),
        recipient: text('Address to send it to', { min: 1 }),
      },
      tool: {
        name: 'crisp_conversations_request_verification',
        title: 'Ask a visitor to verify an identity',
        description:
          'Sends the visitor a request to prove an e-mail address or phone number. The result shows in get_single_crisp_conversation_verify_by_id once they did.',
        class: 'custom',
        tags: ['support'],
        openWorld: true,
      },
    },
    {
      id: 'website.redeemIdentityVerificationLinkForConversation',
      method: 'PUT',
      path: '/website/{website_id}/conversation/{session_id}/verify/identity/link',
      tiers: TIERS.unknown,
      body: {
        identity,
        token: required(text('From the link that was sent', { min: 1 })),
        recipient: text('Address it was sent to', { min: 1 }),
      },
      tool: {
        name: 'crisp_conversations_redeem_verification',
        title: 'Redeem a verification link',
        description:
          'Completes an identity verification with the token of the link that crisp_conversations_request_verification sent.',
        class: 'custom',
        destructive: false,
      },
    },
    {
      id: 'website.requestEmailTranscriptForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/transcript',
      tiers: TIERS.open,
      body: {
        to: required(text('Kind of recipient, such as operator', { min: 1 })),
        email: email('Address to send it to'),
      },
      tool: {
        name: 'crisp_conversations_send_transcript',
        title: 'E-mail a transcript',
        description: 'E-mails the transcript of a conversation to the given recipient.',
        class: 'custom',
        tags: ['support'],
        openWorld: true,
      },
    },
    {
      id: 'website.requestChatboxBindingPurgeForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/purge',
      tiers: TIERS.open,
      tool: {
        name: 'crisp_conversations_purge_chatbox',
        title: 'Unbind the chatbox of a visitor',
        description:
          "Asks to purge the binding between a conversation and the visitor's chatbox. Messages stay with the team.",
        class: 'custom',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.requestUserFeedbackForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/feedback',
      tiers: TIERS.open,
      tool: {
        name: 'crisp_conversations_request_feedback',
        title: 'Ask for a rating',
        description: 'Asks the visitor of a conversation to rate the support they got.',
        class: 'custom',
        tags: ['support'],
        openWorld: true,
      },
    },
    {
      id: 'website.scheduleReminderForConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/reminder',
      tiers: TIERS.open,
      body: {
        date: required(dateTime('When, such as 2027-05-29T09:00:00Z')),
        note: required(text('What to be reminded of', { min: 1 })),
        user: author('Shown as who asked for it'),
        origin: changeOrigin,
      },
      tool: {
        name: 'crisp_conversations_schedule_reminder',
        title: 'Schedule a reminder',
        description: 'Schedules a reminder with a note for the team in a conversation. There is no list of them.',
        class: 'custom',
        tags: ['support'],
      },
    },
    {
      id: 'website.reportConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/report',
      tiers: TIERS.open,
      body: { flag: required(text('Why, such as spam', { min: 1 })) },
      tool: {
        name: 'crisp_conversations_report',
        title: 'Report a conversation',
        description: 'Reports a conversation to Crisp, such as for spam.',
        class: 'custom',
        openWorld: true,
      },
    },
  ],
};
