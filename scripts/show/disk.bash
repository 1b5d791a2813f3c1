# disk_mb_per_hour and rss_mb: ten streams of three channels at 10 Hz with default settings, until two checkpoints have
# been taken, then a stop. Bytes are what the kernel counts for the process as handed to the disk (write_bytes in
# /proc/PID/io), and beside it what the agent says of itself (flash_bytes_written_total).
#
# An hour has twelve checkpoints, one of them with the encoder's state, and the log copied into the database once or
# twice. The stop writes just that: a checkpoint with encoder state and the copied log. So an hour is eleven times what
# an interval of 300 s writes, and a stop.

measure_disk() {
    local keeper sensors watcher store="" kernel=() agent_says=() round status=0
    [ "$checkpoint_s" = 300 ] || store="checkpoint_interval_s = $checkpoint_s"
    configure "" "$store" "rate_hz = 10"
    forget_retained
    run "${subscribe[@]}" -R -t sedge/show/health -F '%U %p' >"$folder/health"
    watcher=$child
    run "${simulate[@]}" --rate 10 2>/dev/null
    sensors=$child
    run keep_accounts 2>"$folder/log"
    keeper=$child
    await 20 test -s "$folder/pid" || return 1
    agent=$(cat "$folder/pid")
    pause $((checkpoint_s / 6))
    for round in 0 1 2; do
        kill -0 "$agent" 2>/dev/null || {
            say "sedged has ended: $(tail -n 1 "$folder/log")"
            stop "$keeper"
            return 1
        }
        kernel+=("$(written "/proc/$agent/io")")
        agent_says+=("$(last_number "$folder/health" flash_bytes_written_total)")
        say "after $((checkpoint_s / 6 + round * checkpoint_s)) s: ${kernel[round]} bytes to the disk, the store" \
            "counts ${agent_says[round]:-nothing yet}; $(memory "$agent")"
        [ "$round" = 2 ] || pause "$checkpoint_s"
    done
    rss_mb=$(awk '/^VmRSS/ { printf "%.1f", $2 * 1024 / 1e6 }' "/proc/$agent/status")
    say "resident after two checkpoints: $rss_mb MB; target 24"
    stop "$keeper"
    stop "$sensors"
    stop "$watcher"
    hourly "the kernel" "${kernel[@]}" "$(written "$folder/io")" || status=1
    [ "$status" != 0 ] || disk_mb_per_hour=$hourly
    stored_total && hourly "the store itself" "${agent_says[@]}" "$total" || true
    return "$status"
}

# The agent below a shell that gets its accounts when it has ended, and writes them down.
keep_accounts() {
    exec bash -c '
        "$1" --config "$2/sedge.toml" &
        agent=$!
        trap "kill $agent" TERM
        echo "$agent" >"$2/pid"
        while kill -0 "$agent" 2>/dev/null; do wait "$agent"; done
        cat "/proc/$$/io" >"$2/io"' keeper "$bin/sedged" "$folder"
}

written() { awk '/^write_bytes/ { print $2 }' "$1"; }

memory() {
    awk '/^VmRSS/ { rss = $2 } /^RssAnon/ { anon = $2 } /^RssFile/ { file = $2 } /^VmHWM/ { peak = $2 }
        END { printf "resident %.1f MB: %.1f anonymous, %.1f of files; peak %.1f", rss * 1.024e-3, anon * 1.024e-3,
            file * 1.024e-3, peak * 1.024e-3 }' "/proc/$1/status"
}

# What the store counts after the stop, in `total`. The agent says so only after the store has had something to do, so
# this one checkpoints early, with nothing new in it but when its streams were seen.
stored_total() {
    run "${subscribe[@]}" -R -t sedge/show/health -F '%U %p' >"$folder/health"
    sed -i -e '/^checkpoint_interval_s/d' -e 's/^\[store\]$/&\ncheckpoint_interval_s = 10/' "$folder/sedge.toml"
    start_agent || return 1
    await 40 has_counted || return 1
    total=$(last_number "$folder/health" flash_bytes_written_total)
}

has_counted() { [ "$(last_number "$folder/health" flash_bytes_written_total)" -gt 0 ] 2>/dev/null; }

# $1: who counts, then bytes after 1/6, 7/6, 13/6 of the interval and after the stop. In MB, in `hourly`.
hourly() {
    hourly=$(awk -v a="$2" -v c="$4" -v e="$5" 'BEGIN {
        if (c <= a || e <= c) exit
        printf "%.1f", (11 * (c - a) / 2 + e - c) / 1e6
    }')
    [ -n "$hourly" ] || {
        say "$1 counts no bytes: $2, $3, $4, $5"
        return 1
    }
    say "$1: $(($3 - $2)) and $(($4 - $3)) bytes in an interval, $(($5 - $4)) at the stop: $hourly MB an hour"
}
