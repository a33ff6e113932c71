#!/usr/bin/env bash
# Installs axe-core, which looks for what keeps people out of a page, at an exact version, beside this file.
# Apart from the other peers: npm takes away what it was not asked for in the same breath.
set -euo pipefail
mkdir -p "$(dirname "$0")/axe"
cd "$(dirname "$0")/axe"
npm install --prefix . --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error axe-core@4.14.1
