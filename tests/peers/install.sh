#!/usr/bin/env bash
# Installs the peers that check our encryption with other hands, at exact versions, beside this file.
# Nothing of it is part of the project: node_modules is ignored and no lock file is written.
set -euo pipefail
cd "$(dirname "$0")"
npm install --prefix . --no-save --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error \
  wechat-crypto@0.0.2 @wecom/crypto@1.0.1
