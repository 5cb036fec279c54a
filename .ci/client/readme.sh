# The session of the README on the API: the first block is the server, the second is typed
# into another shell. What each command prints is what the README shows.
set -euo pipefail
root=$1
unset AWS_DISABLE_HOST_PREFIX_INJECTION

# block N prints the block number N after the heading.
block() {
  awk -v want="$1" '/^## /{on=($0 == "## Instead of AWS")} on && /^```text$/{n++; inside=1; next} /^```$/{inside=0} on && inside && n == want' "$root/README.md"
}
block 1 >server.txt
block 2 >shell.txt
[ -s server.txt ] && [ -s shell.txt ]

ln -s "$STATEMILL" statemill
command=$(sed -n '1s/^\$ go run .\/cmd\/statemill/.\/statemill/p' server.txt)
eval "$command >server.out 2>server.log &"
server=$!
trap 'kill -9 $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  curl -fs http://127.0.0.1:8083/_statemill/health >/dev/null && break
  sleep 0.1
done
diff <(sed 1d server.txt) server.out

# Each command, and the lines that it is to print.
command='' want=''
check() {
  [ -n "$command" ] || return 0
  eval "$command" >got.txt
  diff <(printf '%s' "$want") got.txt || {
    echo "FAILED: $command"
    exit 1
  }
}
while IFS= read -r line; do
  if [[ $line == '$ '* ]]; then
    check
    command=${line#'$ '} want=''
    continue
  fi
  want+=$line$'\n'
done <shell.txt
check
kill "$server"
wait "$server"
trap - EXIT
echo 'the session of the README works'
