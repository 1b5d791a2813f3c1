# What every measurement stands on: a folder, a private broker, processes that never outlive the script.

# On a disk and not in memory: one of the figures is what is written to it.
work=$(mktemp -d "${SHOW_TMP:-/var/tmp}/sedge-show.XXXXXX")
broker=
children=()

say() { printf '== %s\n' "$*"; }

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# Starts a process that is stopped with its measurement at the latest; its id is in `child`.
# The caller redirects its output: run CMD >FILE 2>FILE
run() {
    "$@" &
    child=$!
    children+=("$child")
}

# Ends a process of ours and waits until it has gone; SIGKILL where ten seconds are not enough.
stop() {
    local attempt
    kill "$1" 2>/dev/null || return 0
    for ((attempt = 0; attempt < 100; attempt++)); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

stop_children() {
    local process
    for process in ${children[@]+"${children[@]}"}; do stop "$process"; done
    children=()
}

clean_up() {
    local status=$?
    trap - EXIT
    stop_children
    [ -z "$broker" ] || stop "$broker"
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Sleeps so that a signal is heard at once: bash waits for a command in the foreground.
pause() {
    sleep "$1" &
    children+=("$!")
    wait "$!"
}

# $1: seconds at most; then a command that is tried until it succeeds.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A broker on a port that is free because it could be taken; $1: more lines for its configuration. It is as it comes but
# for this: messages to a subscriber that falls behind are kept and not thrown away, so that all who are compared get
# all of them. A broker that runs already is replaced.
start_broker() {
    local program attempt
    [ -z "$broker" ] || stop "$broker"
    program=$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v mosquitto) || die "mosquitto is not found"
    for ((attempt = 0; attempt < 20; attempt++)); do
        port=$((20000 + RANDOM % 12000))
        ! listens "$port" || continue
        cat >"$work/mosquitto.conf" <<END
listener $port 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
user $(id -un)
${1:-}
END
        "$program" -c "$work/mosquitto.conf" 2>"$work/mosquitto.log" &
        broker=$!
        await 5 broker_decided || true
        if kill -0 "$broker" 2>/dev/null && listens "$port"; then
            name_clients
            return 0
        fi
        wait "$broker" 2>/dev/null || true
        broker=
    done
    die "mosquitto does not start: $(tail -n 1 "$work/mosquitto.log")"
}

broker_decided() { ! kill -0 "$broker" 2>/dev/null || listens "$port"; }

# Commands as arrays and not as functions: what `run` starts must be the process itself, or it can not be stopped.
name_clients() {
    subscribe=(mosquitto_sub -p "$port")
    # Ten pumps with three channels each.
    simulate=("$bin/sedge" simulate --port "$port" --streams pump --count 10 --no-fault)
}

# Writes a configuration into a new folder of its own, which is in `folder`; $1: lines for [mqtt], $2: for [store],
# $3: for the stream.
configure() {
    folder=$(mktemp -d "$work/agent.XXXXXX")
    cat >"$folder/sedge.toml" <<END
node = "show"

[mqtt]
port = $port
$1

[store]
path = "$folder/sedge.db"
$2

[inference]
bundle = "$bundle"

[[stream]]
topic = "plant/{stream}/sensors"
channels = { vibration = "$.vibration", temperature = "$.temperature", current = "$.current" }
time = "$.ts"
hop = 8
$3
END
}

# Starts sedged on the last configuration and waits until it is connected; its process is `agent`.
start_agent() {
    run "$bin/sedged" --config "$folder/sedge.toml" 2>"$folder/log"
    agent=$child
    await 20 grep -q 'msg="Connected to' "$folder/log" || {
        say "sedged does not connect: $(tail -n 1 "$folder/log")"
        return 1
    }
}

# Retained messages of the agent before are of no interest to the next.
forget_retained() {
    timeout 5 mosquitto_sub -p "$port" -t 'sedge/#' -t 'homeassistant/#' --remove-retained -W 1 >/dev/null 2>&1 || true
}



# Value of a number in the JSON of the last line of a file. $1: file, $2: key
last_number() { tail -n 1 "$1" | sed -n "s/.*\"$2\":\(-\{0,1\}[0-9.e+]*\)[,}].*/\1/p"; }

# Processor time of a process in microseconds, to the resolution of the kernel's tick.
cpu_us() { awk -v hertz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); printf "%.0f\n", ($12 + $13) * 1000000 / hertz }' "/proc/$1/stat"; }

# Numbers on standard input: median, least, greatest, with $1 digits: "12.3 (11.9–14.0, n = 5)"
spread() {
    sort -g | awk -v d="$1" '{ v[NR] = $1 } END {
        if (!NR) { print "none"; exit }
        m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
        printf "%.*f (%.*f to %.*f, n = %d)\n", d, m, d, v[1], d, v[NR], NR
    }'
}

# The median alone of what `spread` says.
median() { spread "$1" | cut -d ' ' -f 1; }

difference() { awk -v a="$1" -v b="$2" -v d="$3" 'BEGIN { printf "%.*f\n", d, a - b }'; }
