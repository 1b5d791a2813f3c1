# p50_ms, p99_ms: from a sample's publish to the state that covers it, at 1,000 messages/s (10 streams of 100 Hz in
# real time), a state for each step. A sample's `ts` is the wall clock when it is published, cut to whole milliseconds,
# so the figures are up to 1 ms too large, 0.5 ms on average: 1,001 messages/s keep the cut from being the same for all. A
# subscriber (mosquitto_sub) notes when each state comes.

measure_latency() {
    write_recordings
    local status=0
    latency_of "broker as it comes; no rate, reorder_window_ms = 0" "reorder_window_ms = 0" || return 1
    # Else the broker holds small packets back until earlier ones are acknowledged (Nagle, RFC 896).
    start_broker "set_tcp_nodelay true"
    latencies_without_delay || status=1
    start_broker
    return "$status"
}

latencies_without_delay() {
    latency_of "set_tcp_nodelay; no rate, reorder_window_ms = 0 (last line)" "reorder_window_ms = 0" || return 1
    read -r p50_ms p99_ms <"$work/quantiles"
    latency_of "set_tcp_nodelay; no rate, default reorder window (200 ms)" "" || return 1
    latency_of "set_tcp_nodelay; rate_hz = 100, reorder_window_ms = 0" "rate_hz = 100
reorder_window_ms = 0" || return 1
    latency_of "set_tcp_nodelay; rate_hz = 100, default reorder window (20 ms)" "rate_hz = 100" || return 1
}

# Ten recordings without times, 60 s of a turning shaft, a slow temperature and a load.
write_recordings() {
    local pump
    for pump in 1 2 3 4 5 6 7 8 9 10; do
        awk -v seed="$pump" 'BEGIN {
            srand(seed)
            print "vibration,temperature,current"
            for (i = 0; i < 6000; i++)
                printf "%.3f,%.2f,%.3f\n", sin(i / 2.3 + seed) + 0.4 * rand(), 35 + 3 * sin(i / 900) + 0.1 * rand(),
                    4 + 0.5 * sin(i / 170 + seed) + 0.1 * rand()
        }' >"$work/pump-$pump.csv"
    done
}

# $1: what is measured, $2: lines for the stream. Leaves "p50 p99" of the last sample of a step in $work/quantiles.
latency_of() {
    local observer
    configure "state_interval_ms = 0" "" "$2"
    forget_retained
    run "${subscribe[@]}" -R -q 0 -t 'plant/+/sensors' -t 'sedge/show/state/+' -F '%U %t %p' >"$folder/seen"
    observer=$child
    start_agent || return 1
    # Until it has subscribed.
    sleep 0.5
    "$bin/sedge" replay "$work"/pump-*.csv --port "$port" --rate 1001 --interval 0.01 --retime sent --loop \
        --limit $((latency_seconds * 1000)) --json >"$folder/sent" 2>"$folder/replay.log" || {
        say "replay: $(tail -n 1 "$folder/replay.log")"
        return 1
    }
    sleep 1
    stop "$agent"
    stop "$observer"
    # sample: a sample's own way through the broker to the observer, without the agent. last: a step's last sample, to
    # the state. each: every sample of a step, so with the time until the step is full.
    awk -v sample="$folder/sample" -v last="$folder/last" -v each="$folder/each" '
        { split($2, topic, "/"); match($0, /"ts":[0-9]+/); ts = substr($0, RSTART + 5, RLENGTH - 5) + 0 }
        topic[1] == "plant" {
            time[topic[2], ++samples[topic[2]]] = ts
            printf "%.3f\n", $1 * 1000 - ts >sample
        }
        topic[3] == "state" && /"model":"/ {
            stream = topic[4]
            printf "%.3f\n", $1 * 1000 - ts >last
            for (n = covered[stream] + 1; n <= samples[stream] && time[stream, n] <= ts; n++)
                printf "%.3f\n", $1 * 1000 - time[stream, n] >each
            covered[stream] = n - 1
        }' "$folder/seen"
    [ -s "$folder/last" ] || {
        say "$1: no state was published"
        return 1
    }
    quantiles <"$folder/last" | cut -d ' ' -f 1,2 >"$work/quantiles"
    say "$1"
    say "    last sample of a step to its state: $(figures "$folder/last")"
    say "    all samples of a step to its state: $(figures "$folder/each")"
    say "    a sample to any subscriber, without sedged: $(figures "$folder/sample")"
}

# p50, p99, greatest, count
quantiles() {
    sort -g | awk '{ v[NR] = $1 } END {
        h = int((NR + 1) / 2); q = int(NR * 0.99 + 0.999999)
        printf "%.2f %.2f %.2f %d\n", v[h], v[q], v[NR], NR
    }'
}

figures() { quantiles <"$1" | awk '{ print "p50 " $1 ", p99 " $2 ", max " $3 " ms (n = " $4 ")" }'; }
