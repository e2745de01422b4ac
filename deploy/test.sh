#!/usr/bin/env bash
# Every check of the project, the quick ones first. Stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
[ -x .tools/bin/node ] && PATH="$PWD/.tools/bin:$PATH"

step() { printf '\n== %s\n' "$*"; }

step "style, types, layers"
ruff check .
ruff format --check .
mypy bot actions
lint-imports

step "knowledge"
nuoyan knowledge check

step "web"
(cd web && npm run --silent check)

step "model"
nuoyan train

step "python tests, in two halves at once"
slow=(tests/cases tests/desk tests/chat)
output=$(mktemp)
pytest "${slow[@]}" >"$output" 2>&1 &
half=$!
status=0
pytest --ignore tests/e2e "${slow[@]/#/--ignore=}" || status=$?
wait "$half" || status=$?
cat "$output"
rm "$output"
[ "$status" = 0 ]

step "browser and fault tests"
pytest tests/e2e

step "conversations through the running stack"
nuoyan test dialogues tests/dialogues/*.yml
