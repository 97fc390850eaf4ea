#!/usr/bin/env bash
# Runs the check, and the gate where there is a baseline; hands on the exit code of the last of them.
# What a user wrote comes in variables, and goes on as whole words.
set -euo pipefail
PATH="$CONFORMANCE_BIN:$PATH"

usage() {
  # Only the name of an input is printed: its value could hold a command to the runner.
  printf '::error title=Conformance::%s\n' "$1"
  printf 'exit-code=4\n' >>"$GITHUB_OUTPUT"
  exit 0
}

arguments=()
add() { # --name, value
  # Further down the value is a word of its own, and would be an option.
  if [[ $2 == -* ]]; then usage "the input for $1 must not begin with -"; fi
  arguments+=("$1=$2")
}
one() { # --name, value: an option that is given once, if at all
  if [[ $2 == *[$'\n\r']* ]]; then usage "the input for $1 must be one line"; fi
  if [[ -n $2 ]]; then add "$1" "$2"; fi
}
each() { # --name, lines: an option for every line that is not blank
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    line="${line%$'\r'}"
    if [[ -n ${line//[[:space:]]/} ]]; then add "$1" "$line"; fi
  done <<<"$2"
}
flag() { # --name, true or false
  case $2 in
    true) arguments+=("$1") ;;
    false | '') ;;
    *) usage "the input for $1 must be true or false" ;;
  esac
}

one --report "${INPUT_REPORT:?}"
one --target "$INPUT_TARGET"
one --state-url "$INPUT_STATE_URL"
one --config "$INPUT_CONFIG"
one --profile "$INPUT_PROFILE"
one --examples "$INPUT_EXAMPLES"
one --waivers "$INPUT_WAIVERS"
each --contract "$INPUT_CONTRACT"
each --select "$INPUT_SELECT"
flag --strict "$INPUT_STRICT"
run=("${arguments[@]}")

arguments=()
if [[ -n $INPUT_BASELINE ]]; then
  one --baseline "$INPUT_BASELINE"
  if [[ ! -e $INPUT_BASELINE ]]; then usage 'there is no such baseline'; fi
  one --waivers "$INPUT_WAIVERS"
  flag --strict "$INPUT_STRICT"
fi
gate=("${arguments[@]}")

# Results of an earlier run would be told as this one's.
shopt -s nullglob
earlier=("$INPUT_REPORT"/*/results.jsonl)
if ((${#earlier[@]})); then usage 'the report folder holds results already'; fi

# A target's words are printed: until the token comes, which it can't know, nothing in them is a command to the runner.
# One stream, so that the token comes last.
token="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
printf '::stop-commands::%s\n' "$token"
code=0
conformance run "${run[@]}" 2>&1 || code=$?
case $code in
  0 | 1 | 10 | 11)
    if ((${#gate[@]})); then
      code=0
      conformance gate "${gate[@]}" -- "$INPUT_REPORT" 2>&1 | tee -- "$INPUT_REPORT/gate.txt" || code=$?
      # Indented, it is code: nothing in it is markup. A summary that is too large would be dropped.
      printf 'The gate:\n\n' >>"$GITHUB_STEP_SUMMARY"
      head --bytes=500000 -- "$INPUT_REPORT/gate.txt" | sed 's/^/    /' >>"$GITHUB_STEP_SUMMARY"
    fi
    ;;
esac
printf '\n::%s::\n' "$token"

results=("$INPUT_REPORT"/*/results.jsonl)
{
  printf 'exit-code=%s\n' "$code"
  if ((${#results[@]})); then
    printf 'report=%s\n' "$INPUT_REPORT"
    for verdict in non-conformant error not-fully-verified conformant-with-warnings conformant; do
      # To its end, so that nothing breaks the pipe.
      if tail --quiet --lines=1 -- "${results[@]}" | grep --fixed-strings "\"overall\": \"$verdict\"" >/dev/null; then
        printf 'overall=%s\n' "$verdict"
        break
      fi
    done
  fi
} >>"$GITHUB_OUTPUT"
