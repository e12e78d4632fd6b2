import type { ResourceType } from '../../resources/object.ts';
import { ApiError } from '../object-api.ts';

/** The failures of the embedded API, in the words of the API server. */
export function notFound(type: ResourceType, name: string): ApiError {
  return new ApiError({ reason: 'NotFound', status: 404, message: `${resourceOf(type)} "${name}" not found` });
}

export function alreadyExists(type: ResourceType, name: string): ApiError {
  return new ApiError({
    reason: 'AlreadyExists',
    status: 409,
    message: `${resourceOf(type)} "${name}" already exists`,
  });
}

export function conflict(type: ResourceType, name: string, cause: string): ApiError {
  const message = `Operation cannot be fulfilled on ${resourceOf(type)} "${name}": ${cause}`;
  return new ApiError({ reason: 'Conflict', status: 409, message });
}

export function staleVersion(type: ResourceType, name: string): ApiError {
  const cause = 'the object has been modified; please apply your changes to the latest version and try again';
  return conflict(type, name, cause);
}

export function applyConflict(message: string): ApiError {
  return new ApiError({ reason: 'Conflict', status: 409, message });
}

export function invalid(type: ResourceType, name: string, violations: readonly string[]): ApiError {
  const kind = type.group === '' ? type.kind : `${type.kind}.${type.group}`;
  const list = violations.length === 1 ? violations.join('') : `[${violations.join(', ')}]`;
  return new ApiError({ reason: 'Invalid', status: 422, message: `${kind} "${name}" is invalid: ${list}` });
}

/** A patch that does not apply to the object as it is. */
export function rejectedPatch(cause: unknown): ApiError {
  const message = 'the server rejected our request due to an error in our request';
  return new ApiError({ reason: 'Invalid', status: 422, message, cause });
}

export function badRequest(message: string): ApiError {
  return new ApiError({ reason: 'BadRequest', status: 400, message });
}

export function forbidden(type: ResourceType, name: string, cause: string): ApiError {
  const message = `${resourceOf(type)} "${name}" is forbidden: ${cause}`;
  return new ApiError({ reason: 'Forbidden', status: 403, message });
}

export function expired(message: string): ApiError {
  return new ApiError({ reason: 'Expired', status: 410, message });
}

export function aborted(): ApiError {
  return new ApiError({ reason: 'Unreachable', status: 0, message: 'The call was cancelled by the caller.' });
}

function resourceOf(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}
