#!/usr/bin/env bash
# Installs the kind that the e2e workflow's node images were built for, with Go, and puts it on the PATH of later steps.
set -euo pipefail
folder="${RUNNER_TEMP:-${XDG_CACHE_HOME:-$HOME/.cache}/crisp-mcp-operator}/kind"
GOBIN="$folder" go install sigs.k8s.io/kind@v0.33.0
echo "$folder/kind"
if [ -n "${GITHUB_PATH:-}" ]; then echo "$folder" >>"$GITHUB_PATH"; fi
