#!/bin/sh
# Installs what one service needs to run, and nothing else: no tools, no tests, no other service.
set -eu
service=${1:?Expected the name of a service: gateway, users, posts or comments}
export CI=true npm_config_update_notifier=false
npx --yes pnpm@12.21.0 install --prod --frozen-lockfile --reporter=append-only --filter "@tributary/${service}..."
