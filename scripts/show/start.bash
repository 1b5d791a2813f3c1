# start_ms: from the start of the process to the first state that a subscriber gets, on an empty database, while
# samples of ten streams are flowing.

measure_start() {
    local times="$work/starts" sensors begin watcher round
    : >"$times"
    run "${simulate[@]}" --rate 10 2>/dev/null
    sensors=$child
    for ((round = 0; round < starts; round++)); do
        configure "" "" "rate_hz = 10"
        forget_retained
        # -R: not what a run before has left with the broker.
        run "${subscribe[@]}" -R -t 'sedge/show/state/+' -C 1 -W 20 -F %U >"$folder/first"
        watcher=$child
        sleep 0.3
        begin=$EPOCHREALTIME
        run "$bin/sedged" --config "$folder/sedge.toml" 2>"$folder/log"
        wait "$watcher" || true
        [ -s "$folder/first" ] || {
            say "no state within 20 s: $(tail -n 1 "$folder/log")"
            return 1
        }
        awk -v begin="$begin" '{ printf "%.1f\n", ($1 - begin) * 1000 }' "$folder/first" >>"$times"
        stop "$child"
    done
    stop "$sensors"
    start_ms=$(median 0 <"$times")
    say "start to first published state: $(spread 0 <"$times") ms; target 1000"
}
