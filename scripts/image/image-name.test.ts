import { expect, test } from 'vitest';
import { fullImageName } from './image-name.ts';

test.each([
  ['crisp-mcp:0.1.0', 'docker.io/library/crisp-mcp:0.1.0'],
  ['someone/crisp-mcp:0.1.0', 'docker.io/someone/crisp-mcp:0.1.0'],
  ['docker.io/library/redis:7', 'docker.io/library/redis:7'],
  ['ghcr.io/someone/crisp-mcp:v1', 'ghcr.io/someone/crisp-mcp:v1'],
  ['localhost/crisp-mcp:dev', 'localhost/crisp-mcp:dev'],
  ['localhost:5000/crisp-mcp:dev', 'localhost:5000/crisp-mcp:dev'],
  ['registry:5000/crisp-mcp:dev', 'registry:5000/crisp-mcp:dev'],
])('%s is %s to a node', (name, full) => {
  expect(fullImageName(name)).toBe(full);
});

test.each(['crisp-mcp', 'Crisp:1', '', 'a b:1', 'localhost:5000/crisp-mcp', 'crisp-mcp:'])(
  '"%s" is refused',
  (name) => {
    expect(() => fullImageName(name)).toThrow('not an image name with a tag');
  },
);
