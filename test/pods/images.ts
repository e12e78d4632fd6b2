import { join } from 'node:path';
import { buildImage } from '../../scripts/image/build-image.ts';
import { REDIS_IMAGE, redisImage } from '../cluster/images/redis-image.ts';
import type { TestCluster } from '../cluster/test-cluster.ts';
import { PROJECT_ROOT, scratchFolder } from '../harness/run-folder.ts';

/**
 * The images that the chart deploys: ours, of this checkout, under two tags so that there is something to upgrade to, and
 * the Redis of this machine. A cluster of somebody else's pulls what `CRISP_MCP_TEST_IMAGE` and
 * `CRISP_MCP_TEST_REDIS_IMAGE` name.
 */
export interface ImageReference {
  readonly repository: string;
  readonly tag: string;
}

export interface PodsImages {
  readonly image: ImageReference;
  /** Another name of the same image. */
  readonly nextImage: ImageReference;
  readonly redis: ImageReference;
}

const REPOSITORY = 'docker.io/library/crisp-mcp';
/** What the chart deploys when it is told nothing else. */
const CHARTS_REDIS = 'docker.io/library/redis:7.2-alpine';

export async function prepareImages(
  cluster: TestCluster,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<PodsImages> {
  if (cluster.kind === 'kubeconfig') {
    const { CRISP_MCP_TEST_IMAGE: image = '', CRISP_MCP_TEST_REDIS_IMAGE: redis = CHARTS_REDIS } = environment;
    const next = environment.CRISP_MCP_TEST_NEXT_IMAGE || image;
    return { image: parsed(image), nextImage: parsed(next), redis: parsed(redis) };
  }
  const output = join(scratchFolder(), 'crisp-mcp.tar');
  const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' } as const;
  const image = { repository: REPOSITORY, tag: 'pods' };
  const nextImage = { repository: REPOSITORY, tag: 'pods-next' };
  await buildImage({ root: PROJECT_ROOT, platform, compression: 'none', tag: named(image), output });
  await cluster.loadImages([output, await redisImage()]);
  await cluster.tagImage(named(image), named(nextImage));
  await cluster.tagImage(named(REDIS_IMAGE), CHARTS_REDIS);
  return { image, nextImage, redis: REDIS_IMAGE };
}

function named({ repository, tag }: ImageReference): string {
  return `${repository}:${tag}`;
}

function parsed(reference: string): ImageReference {
  const [, repository, tag] = /^(\S+):([^:/\s]+)$/.exec(reference) ?? [];
  if (repository === undefined || tag === undefined) {
    throw new Error(`"${reference}" is no image with a tag; CRISP_MCP_TEST_IMAGE names one that the cluster can pull`);
  }
  return { repository, tag };
}
