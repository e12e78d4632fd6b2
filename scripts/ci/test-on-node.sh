#!/usr/bin/env bash
# The tests on real Pods, on a node that is made of this machine's namespaces and needs no container engine. Making it
# takes root; caches stay where the calling user has them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo --non-interactive); fi
exec "${as_root[@]}" env "PATH=$PATH" "HOME=$HOME" CRISP_MCP_TEST_CLUSTER=node npm test -- --only pods
