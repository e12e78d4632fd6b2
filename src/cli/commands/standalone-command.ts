import { extname, join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { systemClock } from '../../process/clock.ts';
import { systemRandom } from '../../process/random.ts';
import { port } from '../arguments.ts';
import { processLifetime } from '../lifetime.ts';
import { announcementLine, changeText, type ServerAnnouncement, welcomeText } from '../standalone/announcements.ts';
import { type ApiTokenAnnouncement, apiTokenText } from '../standalone/api-token-files.ts';
import { crispSource } from '../standalone/crisp-source.ts';
import type { ManifestProblem } from '../standalone/manifest-file.ts';
import { startStandalone } from '../standalone/standalone.ts';
import { listenError } from '../user-error.ts';
import { addLogOption, loggerFor } from './process-options.ts';

const SETTLE_WITHIN_MS = 10_000;
const MAIN = join(import.meta.dirname, `../../main${extname(import.meta.filename)}`);
const EXAMPLES = join(import.meta.dirname, '../../../examples');

/** `crisp-mcp standalone`: what `npm start` runs. URLs go to stdout, everything else to stderr. */
export function standaloneCommand(): Command {
  const command = new Command('standalone')
    .addOption(
      new Option('--port <port>', 'where the gateway listens, on loopback').env('PORT').argParser(port).default(7801),
    )
    .addOption(
      new Option('--data <folder>', 'holds the manifests and what keeps URLs over a restart')
        .env('CRISP_MCP_DATA')
        .default('crisp-mcp-data'),
    )
    .addOption(new Option('--manifests <folder>', 'manifests of your own instead of those in the data folder'))
    .addOption(
      new Option('--output <form>', 'for people, or one JSON object a line').choices(['text', 'json']).default('text'),
    )
    .addOption(new Option('--no-sandbox', 'never play Crisp: fail when there are no credentials'))
    .addHelpText(
      'after',
      `
Crisp is played by a sandbox unless CRISP_WEBSITE_ID, CRISP_IDENTIFIER and CRISP_KEY are set; CRISP_TIER says which
kind of token it is (website, plugin or user; default website).`,
    );
  addLogOption(command, 'warn');
  return command.action(async (options) => {
    const lifetime = processLifetime();
    const crisp = crispSource(process.env, options.sandbox);
    const output = options.output === 'json' ? new JsonOutput() : new TextOutput();
    const standalone = await startStandalone({
      port: options.port,
      dataFolder: options.data,
      ...(options.manifests === undefined ? {} : { manifests: options.manifests }),
      examples: EXAMPLES,
      crisp,
      clock: systemClock,
      random: systemRandom,
      logger: loggerFor('standalone', options),
      accessLog: ['debug', 'info'].includes(options.logLevel) ? process.stderr : { write: () => true },
      announce: (announcement) => output.announce(announcement),
      announceApiToken: (announcement) => output.announceApiToken(announcement),
      problems: tellProblems,
    }).catch((error: unknown) => {
      throw listenError(error, 'The gateway', '127.0.0.1', options.port, '--port');
    });
    const servers = await standalone.settled(SETTLE_WITHIN_MS);
    output.welcome({
      servers,
      apiTokens: output.apiTokens,
      folder: relative('.', standalone.folder) || '.',
      crisp:
        crisp.kind === 'sandbox'
          ? 'Crisp is played by the sandbox: no real workspace is touched.'
          : `It works on the real Crisp website ${crisp.websiteId}.`,
      bridge: [process.execPath, MAIN, 'connect'],
      now: systemClock.now(),
    });
    await lifetime.over;
    await standalone.close();
  });
}

interface Output {
  /** Those told of so far that live. */
  readonly apiTokens: readonly ApiTokenAnnouncement[];
  announce(announcement: ServerAnnouncement): void;
  announceApiToken(announcement: ApiTokenAnnouncement): void;
  welcome(welcome: Parameters<typeof welcomeText>[0]): void;
}

/** Where a token is, not what it is. Beside the objects for scripts, so to stderr. */
class JsonOutput implements Output {
  readonly apiTokens = [];
  /** By namespace and name: a change that a line does not show is none for a script. */
  readonly #last = new Map<string, string>();

  announceApiToken(announcement: ApiTokenAnnouncement): void {
    process.stderr.write(`crisp-mcp: ${apiTokenText(announcement)}\n`);
  }

  announce(announcement: ServerAnnouncement): void {
    const key = `${announcement.namespace}/${announcement.name}`;
    const line = announcementLine(announcement);
    if (this.#last.get(key) === line) return;
    this.#last.set(key, line);
    process.stdout.write(`${line}\n`);
  }
  welcome(): void {}
}

/** One screen when everything has settled, then a line a change. */
class TextOutput implements Output {
  readonly #apiTokens = new Map<string, ApiTokenAnnouncement>();
  #welcomed = false;

  get apiTokens(): readonly ApiTokenAnnouncement[] {
    return [...this.#apiTokens.values()];
  }

  announceApiToken(announcement: ApiTokenAnnouncement): void {
    const key = `${announcement.namespace}/${announcement.name}`;
    if (announcement.file === undefined) this.#apiTokens.delete(key);
    else this.#apiTokens.set(key, announcement);
    if (this.#welcomed) process.stdout.write(`${apiTokenText(announcement)}\n`);
  }

  announce(announcement: ServerAnnouncement): void {
    if (!this.#welcomed || announcement.state === 'provisioning') return;
    process.stdout.write(`${changeText(announcement, systemClock.now())}\n`);
  }

  welcome(welcome: Parameters<typeof welcomeText>[0]): void {
    this.#welcomed = true;
    process.stdout.write(`${welcomeText(welcome)}\n`);
  }
}

function tellProblems(problems: readonly ManifestProblem[]): void {
  for (const { file, line, message } of problems) process.stderr.write(`crisp-mcp: ${file}:${line}: ${message}\n`);
  if (problems.length > 0)
    process.stderr.write(
      'crisp-mcp: of these, what this process has read well before stays in force; the rest is left out\n',
    );
}
