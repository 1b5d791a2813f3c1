# throughput_ratio: messages a second through the whole agent, over those that mosquitto_sub gets from the same broker
# and the same publisher. JSON of 3 channels, 10 streams, hop 8, 10 samples a second of event time, QoS 0, as fast as
# the publisher can. Rounds of A (the agent), B (mosquitto_sub that only receives), C (mosquitto_sub that prints all).

measure_throughput() {
    local messages=$((flood_seconds * 100)) round a b
    : >"$work/a" && : >"$work/b" && : >"$work/c" && : >"$work/cpu" && : >"$work/ratios" && : >"$work/printed"
    publisher_alone
    for ((round = 1; round <= rounds; round++)); do
        flood_agent || return 1
        flood_receiver || return 1
        flood_printer || return 1
        a=$(tail -n 1 "$work/a") b=$(tail -n 1 "$work/b")
        awk -v a="$a" -v b="$b" 'BEGIN { printf "%.3f\n", a / b }' >>"$work/ratios"
        awk -v a="$a" -v c="$(tail -n 1 "$work/c")" 'BEGIN { printf "%.3f\n", a / c }' >>"$work/printed"
        say "round $round: sedged $a, mosquitto_sub $b, printing all $(tail -n 1 "$work/c") messages/s"
    done
    throughput_ratio=$(median 2 <"$work/ratios")
    say "sedged: $(spread 0 <"$work/a") messages/s"
    say "mosquitto_sub, receiving: $(spread 0 <"$work/b") messages/s"
    say "mosquitto_sub, printing each message: $(spread 0 <"$work/c") messages/s"
    say "ratio to mosquitto_sub: $(spread 2 <"$work/ratios"); to one that prints: $(spread 2 <"$work/printed")"
    say "processor time, µs a message: publisher $(cpu_of publisher), broker with the publisher alone" \
        "$(cpu_of broker-alone), with sedged $(cpu_of broker-a), with mosquitto_sub $(cpu_of broker-b);" \
        "mosquitto_sub $(cpu_of receiver), printing $(cpu_of printer); sedged $(cpu_of sedged), of it" \
        "its pipeline $(cpu_of pipeline)"
    say "$(nproc) cores for publisher, broker, receiver and all else that runs here; $(who_limits)"
}

who_limits() {
    awk -v publisher="$(cpu_of publisher)" -v broker="$(cpu_of broker-a)" 'BEGIN {
        if (publisher < broker) print "the broker works longer on a message than the publisher, which is not the limit"
        else print "the publisher works longer on a message than the broker: it may be the limit"
    }'
}

cpu_of() { awk -v name="$1" '$1 == name { print $2 }' "$work/cpu" | median 1; }

# $1: name, $2: microseconds, $3: messages
note_cpu() { awk -v name="$1" -v us="$2" -v n="$3" 'BEGIN { printf "%s %.2f\n", name, us / n }' >>"$work/cpu"; }

flood() { "${simulate[@]}" --rate 10 --speed max --seconds "$flood_seconds" --json >"$work/flood" 2>"$work/flood.log"; }

publisher_alone() {
    local before TIMEFORMAT='%U %S'
    before=$(cpu_us "$broker")
    { time flood; } 2>"$work/time"
    note_cpu publisher "$(awk '{ printf "%.0f\n", ($1 + $2) * 1000000 }' "$work/time")" "$messages"
    note_cpu broker-alone "$(difference "$(cpu_us "$broker")" "$before" 0)" "$messages"
    say "publisher alone, nobody subscribed: $(awk -v r="$(last_number "$work/flood" messages_per_second)" \
        'BEGIN { printf "%.0f", r }') messages/s"
}

# The pipeline counts what it has processed: received − dropped − waiting, as `health` says it after each turn.
flood_agent() {
    local states watcher before processed dropped thread
    configure "health_interval_s = 1" "" "rate_hz = 10"
    forget_retained
    run "${subscribe[@]}" -R -t 'sedge/show/state/+' -F '%U %t' >"$folder/states"
    states=$child
    run "${subscribe[@]}" -R -t sedge/show/health -F '%U %p' >"$folder/health"
    watcher=$child
    start_agent || return 1
    sleep 0.5
    before=$(cpu_us "$broker")
    flood
    # A stream that comes last: its first state says that all before it has been through the pipeline.
    mosquitto_pub -p "$port" -t plant/end/sensors -m "{\"ts\":${EPOCHREALTIME%.*}000,\"vibration\":1}"
    await 60 grep -q '/state/end$' "$folder/states" || {
        say "sedged did not get to the last message within 60 s"
        return 1
    }
    note_cpu broker-a "$(difference "$(cpu_us "$broker")" "$before" 0)" "$messages"
    await 10 all_counted || {
        say "sedged counts $(last_number "$folder/health" messages_total) messages, $((messages + 1)) were published"
        return 1
    }
    dropped=$(last_number "$folder/health" dropped_total)
    processed=$((messages + 1 - dropped))
    note_cpu sedged "$(cpu_us "$agent")" "$processed"
    for thread in "/proc/$agent/task/"*; do
        [ "$(cat "$thread/comm")" != sedge-pipeline ] ||
            note_cpu pipeline "$(cpu_us "$agent/task/${thread##*/}")" "$processed"
    done
    # A flood may write the first state before the second message is there: within a batch of the start, milliseconds.
    awk -v n="$processed" '/\/pump-/ && !first { first = $1 } /\/end$/ { last = $1 }
        END { printf "%.0f\n", n / (last - first) }' "$folder/states" >>"$work/a"
    say "sedged: $dropped of $messages dropped by its queue; resident afterwards" \
        "$(awk '/^VmRSS/ { printf "%.1f", $2 * 1024 / 1e6 }' "/proc/$agent/status") MB;" \
        "decode errors $(last_number "$folder/health" decode_errors_total)"
    stop "$agent"
    stop "$watcher"
    stop "$states"
}

all_counted() { [ "$(last_number "$folder/health" messages_total)" = $((messages + 1)) ]; }

# The fastest that mosquitto_sub can be: nine of ten streams are thrown away without being printed (-T).
flood_receiver() {
    local filters=() pump before receiver
    for pump in 1 2 3 4 5 6 7 8 9; do filters+=(-T "plant/pump-$pump/sensors"); done
    run "${subscribe[@]}" -q 0 -t 'plant/+/sensors' "${filters[@]}" -F '%U %t' >"$work/received"
    receiver=$child
    sleep 0.5
    before=$(cpu_us "$broker")
    flood
    mosquitto_pub -p "$port" -t plant/end/sensors -m end
    await 60 grep -q plant/end/ "$work/received" || {
        say "mosquitto_sub did not get to the last message within 60 s"
        return 1
    }
    note_cpu broker-b "$(difference "$(cpu_us "$broker")" "$before" 0)" "$messages"
    note_cpu receiver "$(cpu_us "$receiver")" "$messages"
    stop "$receiver"
    awk -v n="$messages" '/pump-/ { if (!count++) first = $1; last = $1 } END {
        if (count != n / 10) print "== mosquitto_sub got " 10 * count " of " n " messages" >"/dev/stderr"
        printf "%.0f\n", 10 * count / (last - first)
    }' "$work/received" >>"$work/b"
}

# As it is used by hand, into a file: it writes after each message.
flood_printer() {
    local printer
    run "${subscribe[@]}" -q 0 -t 'plant/+/sensors' -t plant/end -F '%U' >"$work/received"
    printer=$child
    sleep 0.5
    flood
    await 60 printed_all || {
        say "mosquitto_sub printed $(wc -l <"$work/received") of $messages messages within 60 s"
        return 1
    }
    note_cpu printer "$(cpu_us "$printer")" "$messages"
    stop "$printer"
    awk '{ if (!first) first = $1; last = $1 } END { printf "%.0f\n", NR / (last - first) }' "$work/received" >>"$work/c"
}

printed_all() { [ "$(wc -l <"$work/received")" -ge "$messages" ]; }
