#!/usr/bin/env bash
# Makes every report of the results in the folder REPORT: files there, the step summary, and annotations on the change.
set -euo pipefail
PATH="$CONFORMANCE_BIN:$PATH"

shopt -s nullglob
results=("$REPORT"/*/results.jsonl)
files=(
  "--html=$REPORT/report.html"
  "--markdown=$REPORT/summary.md"
  "--junit=$REPORT/junit.xml"
  "--sarif=$REPORT/report.sarif"
  "--annotations=$REPORT/annotations.txt"
)
conformance report "${files[@]}" -- "${results[@]}"
cat -- "$REPORT/summary.md" >>"$GITHUB_STEP_SUMMARY"
cat -- "$REPORT/annotations.txt"
printf 'sarif=%s\n' "$REPORT/report.sarif" >>"$GITHUB_OUTPUT"
