import type { ResourceType } from '../../resources/object.ts';
import type { JsonObject } from './json.ts';
import type { SchemaNode } from './structural-schema.ts';

/** What the embedded API knows of a kind. */
export interface Kind {
  readonly type: ResourceType;
  /** The whole object: decides what is kept, how apply merges, who owns what. */
  readonly schema: SchemaNode;
  /** Main writes ignore `status`; status writes ignore the rest. */
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  readonly needsVersionToReplace: boolean;
  readonly nameForm: 'label' | 'subdomain';
  /** Paths that a field selector may name. */
  readonly fieldLabels: ReadonlySet<string>;
  /** Decoding and defaults; throws ApiError BadRequest for what cannot be decoded. */
  normalise(object: JsonObject): JsonObject;
  validate(object: JsonObject, before: JsonObject | undefined): string[];
}
