import {
  choice,
  defaulting,
  dictionary,
  type Fields,
  flag,
  list,
  object,
  required,
  text,
  timestamp,
  url,
  uuid,
  variants,
  whole,
} from '../fields.ts';
import { fingerprint } from '../identifiers.ts';
import { type Family, TIERS } from '../operation.ts';
import { author, messageOrigin } from './shapes.ts';

const mime = required(text('MIME'));
const address = required(url(''));

/** What `content` is for each type of message. */
const MESSAGE_CONTENT: Fields = {
  text: text('text, note: Markdown', { min: 1 }),
  note: text('text, note: Markdown', { min: 1 }),
  file: object('file', { name: required(text('')), url: address, type: mime }),
  animation: object('animation', { url: address, type: mime }),
  audio: object('audio', {
    url: address,
    type: mime,
    duration: required(whole('Seconds', { min: 0 })),
  }),
  picker: object('picker', {
    id: required(text('')),
    text: required(text('Question')),
    choices: required(
      list(
        '',
        object('', {
          value: required(text('')),
          label: required(text('')),
          selected: required(flag('')),
          icon: text('Emoji'),
          action: object('', { type: required(text('')), target: required(text('')) }),
        }),
        { min: 1 },
      ),
    ),
    required: flag(''),
  }),
  field: object('field', {
    id: required(text('')),
    text: required(text('Question')),
    explain: required(text('Placeholder')),
    value: text(''),
    required: flag(''),
  }),
  carousel: object('carousel', {
    text: required(text('')),
    targets: required(
      list(
        '',
        object('', {
          title: required(text('')),
          description: required(text('')),
          image: url(''),
          actions: required(list('', object('', { label: required(text('')), url: address }))),
        }),
        { min: 1 },
      ),
    ),
  }),
  event: object('event', { namespace: required(text('')), text: text('') }),
};

export const messages: Family = {
  tags: ['support', 'conversations', 'messages'],
  operations: [
    {
      id: 'website.getMessagesInConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/messages',
      tiers: TIERS.open,
      query: {
        timestamp_before: timestamp('Only older than this (ms), to page back'),
        timestamp_after: timestamp('Only newer than this (ms)'),
        timestamp_around: timestamp('Those around this (ms)'),
      },
      check: (args) => {
        const given = ['timestamp_before', 'timestamp_after', 'timestamp_around'].filter(
          (name) => args[name] !== undefined,
        );
        return given.length < 2
          ? []
          : [{ field: given[1] ?? '', message: `cannot be combined with ${given[0]}: pass one of the three` }];
      },
      answer: {
        note: 'For older messages call again with timestamp_before set to the smallest timestamp here; an empty list means there are none.',
      },
      tool: {
        name: 'list_all_crisp_messages',
        title: 'List messages',
        description:
          'Lists the latest messages of a conversation: type (note = internal), from (user = visitor, operator = team), content, fingerprint (the id of a message), timestamp. There are no pages: go back in time with timestamp_before.',
        class: 'list',
      },
    },
    {
      id: 'website.sendMessageInConversation',
      method: 'POST',
      path: '/website/{website_id}/conversation/{session_id}/message',
      tiers: TIERS.open,
      body: {
        type: required(
          choice('Only a note is internal', [
            'text',
            'note',
            'file',
            'animation',
            'audio',
            'picker',
            'field',
            'carousel',
            'event',
          ]),
        ),
        content: required(
          variants(
            'By type: a string for text and note, else an object; URLs public, ids yours',
            'type',
            MESSAGE_CONTENT,
          ),
        ),
        from: defaulting(choice('operator: the team; user: the visitor', ['operator', 'user']), 'operator'),
        origin: defaulting(messageOrigin('Channel'), 'chat'),
        mentions: list('From list_all_crisp_operators', uuid('')),
        fingerprint: fingerprint('Your own number'),
        user: author('Shown as its author'),
        references: list('Sources', object('', { type: text(''), name: text(''), target: text('') })),
        original: object('Raw form', {
          type: text(''),
          content: text(''),
          original_id: text(''),
        }),
        properties: dictionary('Free'),
        timestamp: timestamp('Sent at (ms), for imports'),
        stealth: flag('Do not deliver to the visitor'),
        translated: flag('Is a translation'),
        automated: flag('Is from a bot'),
      },
      answer: {
        note: 'Accepted: Crisp delivers it asynchronously. The fingerprint identifies the message; it may take a moment to appear in list_all_crisp_messages.',
      },
      tool: {
        name: 'create_a_crisp_message',
        title: 'Send a message or leave a note',
        description:
          'Adds a message to a conversation. A note is internal, only operators see it; all other types are delivered to the visitor. Returns its fingerprint; delivery is asynchronous. Twice sends twice. too_many_messages: the conversation is full (10,000).',
        class: 'create',
        openWorld: true,
      },
    },
    {
      id: 'website.getMessageInConversation',
      method: 'GET',
      path: '/website/{website_id}/conversation/{session_id}/message/{fingerprint}',
      tiers: TIERS.open,
      tool: {
        name: 'get_single_crisp_message_by_id',
        title: 'Get a message',
        description: 'Gets one message of a conversation by its fingerprint.',
        class: 'get',
      },
    },
    {
      id: 'website.updateMessageInConversation',
      method: 'PATCH',
      path: '/website/{website_id}/conversation/{session_id}/message/{fingerprint}',
      tiers: TIERS.open,
      body: {
        content: required({
          schema: {
            type: ['string', 'object'],
            description: 'New content: a string for text and note, else an object as in create_a_crisp_message',
          },
          required: true,
          open: [{ place: '', mark: 'same per-type shapes as sendMessageInConversation; oneOf string, object' }],
        }),
      },
      tool: {
        name: 'update_a_crisp_message_by_id',
        title: 'Edit a message',
        description:
          'Replaces the content of a message (or note) that was already sent; its type stays. The visitor sees the edit.',
        class: 'update',
        destructive: true,
        openWorld: true,
      },
    },
    {
      id: 'website.removeMessageInConversation',
      method: 'DELETE',
      path: '/website/{website_id}/conversation/{session_id}/message/{fingerprint}',
      tiers: TIERS.open,
      tool: {
        name: 'delete_a_crisp_message',
        title: 'Delete a message',
        description: 'Removes a message (or note) from a conversation, for the visitor too. It cannot be brought back.',
        class: 'delete',
        openWorld: true,
      },
    },
  ],
};
