import { namespaceType } from '../../src/kubernetes/core-types.ts';
import { EmbeddedObjectApi } from '../../src/kubernetes/embedded/embedded-object-api.ts';
import { systemClock } from '../../src/process/clock.ts';
import { systemRandom } from '../../src/process/random.ts';
import { describeControllerParts } from './controller-parts-suite.ts';

describeControllerParts('the embedded API', async () => {
  const api = new EmbeddedObjectApi({ clock: systemClock, random: systemRandom, implicitNamespaces: false });
  let count = 0;
  return {
    api,
    async freshNamespace() {
      count += 1;
      const name = `test-${count}`;
      await api.create(namespaceType, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    close: async () => undefined,
  };
});
