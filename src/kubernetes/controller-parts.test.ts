/** Runs the controller parts on the embedded API with the unit tests too: it needs nothing but Node. */
import '../../test/conformance/controller-parts-embedded.test.ts';
