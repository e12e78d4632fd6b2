/** Runs the conformance suite on the embedded API with the unit tests too: it needs nothing but Node. */
import '../../../test/conformance/object-api-embedded.test.ts';
