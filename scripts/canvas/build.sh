#!/bin/sh
# Bundle the canvas into ui/static/canvas.js; with --check, tell whether the committed bundle is what the sources give.
set -eu
cd "$(dirname "$0")"
target=../../ui/static
[ "${1:-}" != --check ] || target=$(mktemp -d)
[ -d node_modules ] && cmp -s package-lock.json node_modules/.built-from || {
	npm ci --ignore-scripts --no-audit --no-fund --silent
	cp package-lock.json node_modules/.built-from
}
# NiceGUI's import map gives the page its one Vue; a second one would not see what the first one holds.
node_modules/.bin/esbuild src/canvas.js --bundle --format=esm --minify --target=es2022 --external:vue --loader:.css=text \
	--define:process.env.NODE_ENV='"production"' --define:__VUE_PROD_DEVTOOLS__=false --legal-comments=none --log-level=warning \
	--banner:js='/* Made by scripts/canvas/build.sh; licences of what it holds: canvas.licences.txt */' --outfile="$target/canvas.js"
for name in @vue-flow/core @vue-flow/background @vue-flow/controls @vue-flow/minimap @vueuse/core @vueuse/shared \
	d3-color d3-dispatch d3-drag d3-ease d3-interpolate d3-selection d3-timer d3-transition d3-zoom; do
	version=$(node -p "require('./node_modules/$name/package.json').version")
	printf '%s %s\n\n' "$name" "$version"
	cat "node_modules/$name/LICENSE"*
	printf '\n----\n\n'
done >"$target/canvas.licences.txt"
[ "${1:-}" != --check ] || {
	for name in canvas.js canvas.licences.txt; do
		cmp "$target/$name" "../../ui/static/$name" || {
			echo "ui/static/$name is not what its sources give: run scripts/canvas/build.sh and commit it." >&2
			exit 1
		}
	done
	rm -r "$target"
}
