/**
 * What must never be, or at a quiet point must not be. Its name is part of every report: a mutant counts as found by the
 * invariant that it violates.
 */
const INVARIANTS = {
  'no-request-after-exp': 'No request is served at or after the exp of its token, by the earlier of the two clocks',
  'no-revoked-token': 'No token is served whose route was removed, once the gateway has heard of it',
  'no-request-after-deletion': 'A second after a server or an API token left the API, nothing is served by its token',
  'second-factor': 'A server that asks for an API token serves only with a live one of its namespace that names it',
  'second-factor-order': 'A dead token gets 404 whatever comes with it; 401 is said of a live one alone',
  'live-api-token-refused':
    'An API token that is live and may connect is not refused, once the gateway has heard of it',
  'no-unverified-store': 'Nothing is served from a store that is known to be unverified',
  'no-stale-store': 'Nothing is served when the store has been silent for longer than staleFor',
  'no-revoked-credential': 'No credential is used that was removed or replaced, once the gateway has heard of it',
  fence: 'No write of a leader that was succeeded takes effect in the store',
  'not-leading': 'Only the holder of the lease begins a write',
  'verified-means-rebuilt': 'A store that is declared verified holds no record that was revoked',
  'secret-before-record': 'A record is written only for a token that stands in a Secret',
  'record-ends-with-owner': 'A record ends at an instant at which the spec of its owner said that it ends',
  'token-dead-before-secret-goes': 'The Secret of a server or an API token goes only when its token is dead',
  'token-dead-before-finalizer-goes': 'The finalizer goes only when the token is dead',
  'foreign-secret': 'A Secret that is not ours is not touched',
  'token-kept': 'A token is never changed, nor deleted while its owner lives',
  tombstone: 'A resource is deleted only when it has expired, wants it, and was not born expired',
  convergence: 'With faults off everything comes to rest as the resources say, within a bound',
  'no-needless-write': 'Nothing is written, and Crisp is not asked, when nothing changed',
} as const;

export type Invariant = keyof typeof INVARIANTS;

export class Violation extends Error {
  override readonly name = 'Violation';
  readonly invariant: Invariant;

  constructor(invariant: Invariant, what: string) {
    super(`${invariant}: ${what}\n(${INVARIANTS[invariant]}.)`);
    this.invariant = invariant;
  }
}
