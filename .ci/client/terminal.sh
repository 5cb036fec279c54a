# A person at a terminal of 80 columns: the live line, a window that becomes narrow, Ctrl-C, and what is in a file.
set -euo pipefail

# A server of its own, so that nobody's sessions are touched.
terminal() { tmux -S "$PWD/terminal.sock" -f /dev/null "$@"; }
terminal new-session -d -x 80 -y 24 -s walk 'env PS1="> " bash --norc --noprofile'
trap 'terminal kill-server' EXIT

press() { terminal send-keys -t walk "$@"; }
screen() { terminal capture-pane -p -t walk; }

# shows waits until a line of the screen is like this, for ten seconds: shows EXPRESSION
shows() {
  for _ in $(seq 100); do
    if screen | grep -qE -- "$1"; then
      echo "ok: $1"
      return
    fi
    sleep 0.1
  done
  printf 'FAILED: the screen does not show %s\n' "$1"
  screen
  exit 1
}

# fails ends the walk, with what is on the screen.
fails() {
  printf 'FAILED: %s\n' "$*"
  screen
  exit 1
}

long=Charge-the-card-of-the-customer-and-wait-for-the-bank-that-takes-its-time
cat >order.json <<JSON
{"StartAt": "Pack", "States": {
  "Pack": {"Type": "Wait", "Seconds": 3600, "Next": "$long"},
  "$long": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:charge", "End": true}}}
JSON
# A task that takes long, with a process of its own.
cat >slow.sh <<'SH'
#!/bin/sh
sleep 600 &
echo $! >child
wait
SH
chmod +x slow.sh

echo '--- a live line, which no window wraps'
press "clear; $STATEMILL run order.json --timeout 600s --task charge=exec:./slow.sh; echo status \$?" Enter
shows '^ *1h0m0s  Charge-the-card-of-the-customer-and-wait-for-the-bank-that-takes-it$'
terminal resize-window -t walk -x 40 -y 24
shows '^ *1h0m0s  Charge-the-card-of-the-cust$'
[ "$(screen | grep -c 'Charge\|bank')" = 1 ] || fails 'a narrow window shows rests of the line'

echo '--- Ctrl-C'
press C-c
shows '^status 130$'
if screen | grep -q 1h0m0s; then fails 'the line is still there'; fi
for _ in $(seq 100); do
  kill -0 "$(cat child)" 2>/dev/null || break
  sleep 0.1
done
if kill -0 "$(cat child)" 2>/dev/null; then fails 'the process of the task has survived'; fi
echo 'ok: no process is left'

echo '--- the result'
terminal resize-window -t walk -x 80 -y 24
press "clear; $STATEMILL run order.json --task 'charge=json:{\"paid\": true}'; echo status \$?" Enter
shows '^status 0$'
shows '^  "paid": true$'
shows '^ *1h0m0s  Charge-the-card'

echo '--- no escape and no carriage return in a file'
rm child
press "clear; $STATEMILL run order.json --timeout 600s --task charge=exec:./slow.sh 2>errs; echo status \$?" Enter
for _ in $(seq 100); do
  if [ -s child ]; then break; fi
  sleep 0.1
done
press C-c
shows '^(\^C)?status 130$'
press "clear; $STATEMILL run order.json --task 'charge=json:1' >out 2>>errs; echo status \$?" Enter
shows '^status 0$'
grep -q Charge errs || fails 'the story is not in the file'
if grep -q "$(printf '[\033\r]')" errs out; then fails 'a file has an escape or a carriage return'; fi
[ "$(cat out)" = 1 ] || fails "the output is $(cat out)"

echo '--- colours'
cat >order.asltest.yaml <<YAML
definition: order.json
cases: [{name: paid, tasks: {charge: {returns: 1}}, output: 2}]
YAML
press "clear; $STATEMILL test; echo status \$?" Enter
shows '^status 1$'
shows 'order.asltest.yaml:2: output differs$'
terminal capture-pane -e -p -t walk | grep -q "$(printf '\033\\[31mFAIL')" || fails 'FAIL is not red'
press "clear; NO_COLOR=1 $STATEMILL test; echo status \$?" Enter
shows '^status 1$'
if terminal capture-pane -e -p -t walk | grep -q "$(printf '\033\\[31m')"; then fails 'NO_COLOR changes nothing'; fi
echo 'the terminal shows what it should'
