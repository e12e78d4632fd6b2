import type { Arguments, Fields } from './fields.ts';
import type { Tag } from './tags.ts';
import type { Effect, JsonValue, MethodClass, Tier } from './tool.ts';

/**
 * One operation of the Crisp REST API, written down once. The MCP tool, the HTTP request, the sandbox's route and the
 * documentation all come from this record; adding an operation is adding one. Facts that Crisp does not publish are
 * permissive here rather than guessed.
 */
export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Operation {
  /** `<service>.<method of the official client>`. */
  readonly id: string;
  readonly method: HttpMethod;
  /** Without the `/v1` in front. `{path}` stands for one or more segments, every other parameter for exactly one. */
  readonly path: string;
  /** Least privileged first; see {@link TIERS}. */
  readonly tiers: readonly Tier[];
  /** Path parameters that `identifiers.ts` does not know, or describes too generally for this operation. */
  readonly parameters?: Fields;
  readonly query?: Fields;
  readonly body?: Fields;
  /** The query when it is not simply one pair a field. Booleans become 1 and 0, structures JSON. */
  readonly toQuery?: (args: Arguments) => Arguments;
  /** The body when it is not simply one member a field. */
  readonly toBody?: (args: Arguments) => JsonValue;
  /** Problems that no schema of a single field can state. */
  readonly check?: (args: Arguments) => readonly Problem[];
  readonly answer?: Answer;
  /** Absent when only a composite tool performs the operation. */
  readonly tool?: ToolFacts;
}

/** Something wrong with the arguments: where, and what would be right. */
export interface Problem {
  /** Path of the field, such as `content.choices[0].label`. */
  readonly field: string;
  readonly message: string;
}

export interface Answer {
  /** A numbered page. `size` when it is known how many items a full one holds. */
  readonly page?: { readonly size?: (args: Arguments) => number };
  /** A sentence for the model when there is something to add to the data. */
  readonly note?: string;
  /** After "To get the rest, ", where it was cut and asking for less is no way. */
  readonly rest?: string;
  /** Members whose values are secrets, at any depth. */
  readonly redact?: readonly string[];
  /** HEAD: 200 means that it exists, 404 that it does not. */
  readonly exists?: true;
}

export interface ToolFacts {
  readonly name: string;
  readonly title: string;
  /** For a model: what it does, which id it takes and where that comes from, what changes, what comes back. */
  readonly description: string;
  readonly class: MethodClass;
  /** Default: GET and HEAD read, everything else writes. */
  readonly effect?: Effect;
  /** Beside those of the family. */
  readonly tags?: readonly Tag[];
  /** Default: PUT and DELETE lose what was there before. */
  readonly destructive?: boolean;
  /** Default: everything but POST. */
  readonly idempotent?: boolean;
  /** Whether it reaches people outside the team: visitors, readers of public articles. Default: no. */
  readonly openWorld?: boolean;
}

/** Which credentials a route takes. Crisp does not document the website tier a route: what a plugin may do, it may. */
export const TIERS = {
  open: ['website', 'plugin', 'user'],
  /** Nothing is known of the route; Crisp itself will refuse what it does not accept. */
  unknown: ['website', 'plugin', 'user'],
  plugin: ['plugin'],
  user: ['user'],
} as const satisfies Record<string, readonly Tier[]>;

/** One request of a composite tool. */
export interface Step {
  readonly operation: Operation;
  readonly arguments: Arguments;
  /** What the step does, as it is named in the result and in a report of failure. */
  readonly label: string;
  /** Only this member of the answer's data. */
  readonly take?: string;
}

/** A tool that needs several requests, or fixes part of one. */
export interface Composite {
  readonly tool: ToolFacts & { readonly effect: Effect };
  readonly fields: Fields;
  readonly operations: readonly Operation[];
  /** In the order of execution; the next step is not begun when one fails. */
  readonly plan: (args: Arguments) => readonly Step[];
  readonly check?: (args: Arguments) => readonly Problem[];
  readonly note?: string;
}

/** Operations that share tags. */
export interface Family {
  readonly tags: readonly Tag[];
  readonly operations: readonly Operation[];
  readonly composites?: readonly Composite[];
}
