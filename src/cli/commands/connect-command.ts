import { Command, Option } from 'commander';
import { systemClock } from '../../process/clock.ts';
import { runBridge } from '../connect/bridge.ts';
import { processLifetime } from '../lifetime.ts';
import { UserError } from '../user-error.ts';

const URL_VARIABLE = 'CRISP_MCP_URL';
const API_TOKEN_VARIABLE = 'CRISP_MCP_API_TOKEN';

/** `crisp-mcp connect`: for MCP clients that start a program and speak to it on stdio, such as Claude Desktop. */
export function connectCommand(): Command {
  return new Command('connect')
    .argument(
      '[url]',
      `URL of the MCP server, with its token; better in ${URL_VARIABLE}, which no list of processes shows`,
    )
    .addOption(new Option('--allow-http', 'send the token unencrypted to another machine'))
    .addHelpText(
      'after',
      `
${API_TOKEN_VARIABLE} holds the API token of a server that requires one.
Nothing but the protocol is written to stdout.`,
    )
    .action(async (argument: string | undefined, options: { allowHttp?: boolean }) => {
      const url = serverUrl(argument ?? process.env[URL_VARIABLE], options.allowHttp === true);
      const apiToken = process.env[API_TOKEN_VARIABLE];
      await runBridge({
        url,
        headers: apiToken === undefined ? {} : { authorization: `Bearer ${apiToken}` },
        input: process.stdin,
        output: process.stdout,
        clock: systemClock,
        tell: (line) => process.stderr.write(`crisp-mcp connect: ${line}\n`),
        signal: processLifetime().signal,
      });
      // Idle connections would keep the process for some seconds.
      process.exit();
    });
}

function serverUrl(text: string | undefined, allowHttp: boolean): URL {
  if (text === undefined || text === '') {
    throw new UserError(
      'URL_MISSING',
      `Which MCP server? Set ${URL_VARIABLE} to its URL, or give the URL as argument.`,
    );
  }
  const url = URL.parse(text.trim());
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new UserError('URL_INVALID', 'The URL of the MCP server is not one: it looks like https://host/mcp/token.');
  }
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && !local && !allowHttp) {
    throw new UserError(
      'URL_NOT_SECURE',
      `The URL would send its token unencrypted to ${url.hostname}. Use https, or say --allow-http if that is fine.`,
    );
  }
  return url;
}
