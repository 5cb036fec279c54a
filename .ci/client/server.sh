# Functions for walks with the aws command, to be sourced in a folder of the walk's own.
set -euo pipefail

# serve starts the server with these flags, and those in SERVE_FLAGS, at first on a port that is free, then on the
# same one again.
port=0 server=
serve() {
  : >server.out
  # shellcheck disable=SC2086 # several flags
  "$STATEMILL" serve --listen "127.0.0.1:$port" ${SERVE_FLAGS:-} "$@" >>server.out 2>>server.log &
  server=$!
  for _ in $(seq 100); do
    url=$(grep -o 'http://127.0.0.1:[0-9]*' server.out | head -n 1 || true)
    if [ -n "$url" ] && curl -fs "$url/_statemill/health" >/dev/null; then
      port=${url##*:}
      return
    fi
    sleep 0.1
  done
  echo "the server does not answer"
  cat server.log
  exit 1
}
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || true' EXIT

sfn() { "${AWS:-aws}" stepfunctions --endpoint-url "$url" "$@"; }

# ask performs an operation without the aws command, which takes half a second to start: ask OPERATION JSON
ask() {
  curl -sS --aws-sigv4 aws:amz:us-east-1:states --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
    ${AWS_SESSION_TOKEN:+-H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"} \
    -H 'Content-Type: application/x-amz-json-1.0' -H "X-Amz-Target: AWSStepFunctions.$1" -d "$2" "$url"
}

# want runs a command, whose output must have a text in it: want TEXT COMMAND...
want() {
  local text=$1 out
  shift
  if ! out=$("$@" 2>&1) || [[ $out != *"$text"* ]]; then
    printf 'FAILED: %s\nwant: %s\ngot:  %s\n' "$*" "$text" "$out"
    exit 1
  fi
  echo "ok: ${*:1:12}" | head -n 1 | cut -c1-150
}

# refused runs a command that must end as the aws command does when the service refuses
# a request (255, since its second version 254), and say a text: refused TEXT COMMAND...
refused() {
  local text=$1 out status=0
  shift
  out=$("$@" 2>&1) || status=$?
  if [[ $status != 25[45] || $out != *"$text"* ]]; then
    printf 'FAILED: %s\nwant: status 254 or 255, %s\ngot:  status %s, %s\n' "$*" "$text" "$status" "$out"
    exit 1
  fi
  echo "ok, refused: ${*:1:12}" | head -n 1 | cut -c1-150
}

# ended waits for the end of an execution and prints its status.
ended() {
  local answer
  for _ in $(seq 300); do
    answer=$(ask DescribeExecution "{\"executionArn\": \"$1\"}")
    if [[ $answer != *'"status":"RUNNING"'* ]]; then
      break
    fi
    sleep 0.05
  done
  grep -o '"status":"[A-Z_]*"' <<<"$answer" || echo "$answer"
}

machine() { echo "arn:aws:states:us-east-1:123456789012:stateMachine:$1"; }
execution() { echo "arn:aws:states:us-east-1:123456789012:execution:$1:$2"; }
role=arn:aws:iam::123456789012:role/StepFunctionsRole
