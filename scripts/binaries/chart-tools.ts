import type { BuildRecipe } from './build.ts';
import { type FindGoProgramOptions, findGoProgram, type GoProgram, PLAIN_RECIPE } from './go-program.ts';

/**
 * helm and kubeconform, which render the chart and judge what comes out. Both say which version they are, so a build
 * stamps them as their releases are.
 */
export type ChartTool = 'helm' | 'kubeconform';

const CHART_TOOLS: Readonly<Record<ChartTool, GoProgram>> = {
  helm: {
    name: 'helm',
    module: 'helm',
    package: 'helm.sh/helm/v4/cmd/helm',
    versionOf: 'helm.sh/helm/v4',
    recipe: (version) => stamped('helm.sh/helm/v4/internal/version.version', version),
    release: (version, { os, arch }) => {
      const url = `https://get.helm.sh/helm-${version}-${os}-${arch}.tar.gz`;
      return { url, checksumUrl: `${url}.sha256sum`, inArchive: `${os}-${arch}/helm` };
    },
  },
  kubeconform: {
    name: 'kubeconform',
    module: 'kubeconform',
    package: 'github.com/yannh/kubeconform/cmd/kubeconform',
    versionOf: 'github.com/yannh/kubeconform',
    recipe: (version) => stamped('main.version', version),
    release: (version, { os, arch }) => {
      const folder = `https://github.com/yannh/kubeconform/releases/download/${version}`;
      const url = `${folder}/kubeconform-${os}-${arch}.tar.gz`;
      return { url, checksumUrl: `${folder}/CHECKSUMS`, inArchive: 'kubeconform' };
    },
  },
};

/** The path of the program, fetched or built if need be. */
export function findChartTool(name: ChartTool, options: FindGoProgramOptions = {}): Promise<string> {
  return findGoProgram(CHART_TOOLS[name], options);
}

function stamped(variable: string, version: string): BuildRecipe {
  return { ...PLAIN_RECIPE, argv: ['build', '-trimpath', '-ldflags', `-s -w -X ${variable}=${version}`] };
}
