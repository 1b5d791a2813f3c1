# size_mb: sedged without symbols, and that it holds neither full Foundation nor ICU.

measure_size() {
    "$root/scripts/check-binary" "$bin/sedged" | sed "s|^$root/||" || return 1
    strip -o "$work/stripped" "$bin/sedged"
    size_mb=$(awk -v bytes="$(stat -c %s "$work/stripped")" 'BEGIN { printf "%.1f\n", bytes / 1e6 }')
    say "sedged without symbols: $size_mb MB; target 25"
}
