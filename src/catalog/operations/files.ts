import { choice, object, required, text } from '../fields.ts';
import { type Family, TIERS } from '../operation.ts';

const ELSEWHERE = 'Accepted, but the result is not here:';

export const files: Family = {
  tags: ['files'],
  operations: [
    {
      id: 'bucket.generateBucketURL',
      method: 'POST',
      path: '/bucket/url/generate',
      tiers: TIERS.open,
      body: {
        namespace: required(
          choice('What the file is for', [
            'upload',
            'avatar',
            'website',
            'campaign',
            'helpdesk',
            'status',
            'processing',
          ]),
        ),
        id: required(text('Your own mark, repeated in the event', { min: 1 })),
        file: required(
          object('The file', { name: required(text('', { min: 1 })), type: required(text('MIME', { min: 1 })) }),
        ),
        resource: object('What it belongs to', { type: text('Such as website'), id: text('Such as a website_id') }),
      },
      answer: {
        note: `${ELSEWHERE} Crisp sends the URL for the upload as an event (bucket:url:generated) to programs that listen.`,
      },
      tool: {
        name: 'crisp_files_request_upload',
        title: 'Ask for an upload URL',
        description:
          'Asks Crisp for a URL to upload a file to. The URL comes as a real-time event or web hook, never as an answer here. To send a file, rather pass its public URL to create_a_crisp_message with type file.',
        class: 'custom',
      },
    },
    {
      id: 'media.listAnimationMedias',
      method: 'GET',
      path: '/media/animation/list/{page_number}',
      tiers: TIERS.user,
      query: { list_id: text('Your own mark, repeated in the event'), search_query: text('Words', { min: 1 }) },
      answer: {
        note: `${ELSEWHERE} Crisp sends the images as an event (media:animation:listed) to programs that listen.`,
      },
      tool: {
        name: 'list_all_crisp_animations',
        title: 'Search animated images',
        description:
          'Starts a search for animated images. The images come as a real-time event, never as an answer here. Needs a user-tier credential.',
        class: 'list',
      },
    },
  ],
};
