#!/bin/sh
# Removes the sources that one service does not run: what is not in an image cannot be attacked in it.
set -eu
service=${1:?Expected the name of a service: gateway, users, posts or comments}
is_linked() { find gateway subgraphs packages -path "*/node_modules/@tributary/$1" -type l | grep -q .; }
for folder in gateway subgraphs/* cli tests packages/*; do
  name=$(basename "$folder")
  [ "$name" = "$service" ] || is_linked "$name" || rm -rf "$folder"
done
find . \( -name '*.test.ts' -o -name '*.test-support.ts' \) -not -path '*/node_modules/*' -delete
# The image brings its own Node.
rm -rf node_modules/node-linux-* node_modules/.pnpm/node-linux-*
# Its work is done, and so is this one's.
rm -rf deploy patches
