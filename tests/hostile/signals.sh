#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# However axgen ends, its tools end with it, temporary folders go, and the design is a whole one.
. "$(dirname "$0")/lib.sh"
small_network
cd "$work/net" || exit 1
"$axgen" rtl config.yaml >/dev/null || exit 1
whole=$(cd out/rtl && find . -type f | sort | xargs sha256sum | sha256sum)
design_is_whole() { [ "$whole" = "$(cd out/rtl && find . -type f | sort | xargs sha256sum | sha256sum)" ]; }

# signal, exit status, seconds until then, verb...
stopped() {
  sig=$1 want=$2 delay=$3
  shift 3
  "$axgen" "$@" >"$work/out" 2>"$work/err" &
  pid=$!
  sleep "$delay"
  kill -"$sig" $pid
  wait $pid 2>/dev/null
  got=$?
  grace=3
  [ "$sig" = KILL ] && grace=6
  if [ $got = "$want" ] && clean_within $grace && design_is_whole; then ok "SIG$sig after $delay s: $*"; else
    fail "SIG$sig after $delay s: $*: exit $got, wanted $want"
  fi
}
stopped TERM 143 0.5 sim config.yaml
stopped HUP 129 1 sim config.yaml
stopped KILL 137 1.5 sim config.yaml
stopped TERM 143 0.5 synth config.yaml
stopped KILL 137 0.4 synth config.yaml
stopped KILL 137 1 sim fgpu.yaml

# At moments that nobody chose: the design is the old or the new one, whatever else is in the folder.
moments() { awk -v n="$1" -v most="$2" 'BEGIN { srand(7); for (i = 0; i < n; i++) printf "%.3f\n", most * rand() }'; }
bad=0
for delay in $(moments 25 0.06); do
  "$axgen" rtl config.yaml >/dev/null 2>&1 &
  pid=$!
  sleep "$delay"
  kill -KILL $pid 2>/dev/null
  wait $pid 2>/dev/null
  design_is_whole || bad=$((bad + 1))
done
[ $bad = 0 ] && ok "rtl killed 25 times" || fail "rtl killed 25 times: $bad half designs"
"$axgen" rtl config.yaml >/dev/null && [ "$(ls out)" = rtl ] && ok "what killed runs left is removed" ||
  fail "what killed runs left is removed: $(ls out)"

# nohup: what is ignored stays ignored
(trap '' HUP; "$axgen" sim config.yaml --icarus >"$work/out" 2>"$work/err") &
pid=$!
sleep 0.3
pkill -HUP -P $pid axgen 2>/dev/null
wait $pid && clean_within 1 && ok "SIGHUP under nohup changes nothing" || fail "SIGHUP under nohup changes nothing"

# Ctrl-Z and fg: python3 gives it a process group that has a parent to go on
cat >"$work/ctrl_z.py" <<'END'
import os, signal, subprocess, sys, time
def state(pid):
    return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
def tools():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            env = open(f"/proc/{pid}/environ", "rb").read().split(b"\0")
            if b"HOSTILE_TOOL=1" in env and open(f"/proc/{pid}/comm").read().strip() == "sleep":
                found.append(pid)
        except OSError:
            pass
    return found
def until(what, seconds=5):
    end = time.time() + seconds
    while not what():
        if time.time() > end:
            sys.exit("gave up")
        time.sleep(0.02)
os.setsid()
def alone(): # and heeding SIGINT, which a shell's background jobs do not
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
p = subprocess.Popen(sys.argv[1:], preexec_fn=alone, env=dict(os.environ, HOSTILE_TOOL="1"))
until(tools)
os.killpg(p.pid, signal.SIGTSTP)
until(lambda: state(p.pid) == "T" and all(state(t) == "T" for t in tools()))
os.killpg(p.pid, signal.SIGCONT)
until(lambda: state(p.pid) != "T" and all(state(t) != "T" for t in tools()))
os.killpg(p.pid, signal.SIGINT)
sys.exit(p.wait())
END
mkdir "$work/bin"
printf '#!/bin/sh\nsleep 100\n' >"$work/bin/iverilog"
chmod +x "$work/bin/iverilog"
PATH=$work/bin:$PATH python3 "$work/ctrl_z.py" "$axgen" sim config.yaml --icarus >"$work/out" 2>"$work/err"
got=$?
[ $got = 130 ] && clean_within 3 && ok "Ctrl-Z stops the tools, fg goes on" || fail "Ctrl-Z stops the tools, fg goes on: $got"
finish
