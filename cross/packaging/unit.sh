#!/bin/sh
# Tries sedged.service under the systemd that runs here, beside a mosquitto; a line for each thing that holds. Runs in a
# booted Debian tree, as root, for cross/package. The last line is "unit: N held, N failed".
set -u
held=0 failed=0

# $1: what, $2: seconds that it may take; then a command that has to succeed
holds() {
    what=$1 left=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        left=$((left - 1))
        if [ "$left" -lt 0 ]; then
            failed=$((failed + 1))
            echo "failed: $what"
            systemctl --no-pager --full status sedged | tail -n 12
            return
        fi
        sleep 1
    done
    held=$((held + 1))
    echo "held: $what"
}

property() { systemctl show sedged --property "$1" --value; }
is() { [ "$(property "$1")" = "$2" ]; }
restarted() { [ "$(property NRestarts)" -gt "$1" ] && is ActiveState active; }
says() { journalctl --quiet --unit sedged --output cat | grep -q "$1"; }
hears() { mosquitto_sub -h 127.0.0.1 -W 3 -C 1 -t "$1" 2>/dev/null | grep -q "$2"; }

holds "mosquitto runs" 20 systemctl is-active mosquitto
holds "starts, and says itself that it has" 0 systemctl start sedged
holds "is active" 0 is ActiveState active
holds "is online at the broker" 10 hears 'sedge/+/availability' online
holds "does not run as root" 0 sh -c '[ "$(stat -c %U "/proc/$(systemctl show sedged --property MainPID --value)")" = sedge ]'
sedge simulate --streams room --rate 10 --seconds 60 --speed 20 --no-fault >/dev/null 2>&1
holds "speaks of a stream" 10 hears 'sedge/+/state/room-1' '"phase"'
# The runtime complains of a nice value that it is refused; LimitNICE grants it, where the machine allows a limit at all.
[ "$(awk '/nice priority/ { print $4 }' "/proc/$(property MainPID)/limits")" = 0 ] && refused='thread priority' || refused=^ts=
holds "says nothing but its own lines" 0 sh -c "! journalctl --quiet _SYSTEMD_UNIT=sedged.service --output cat | grep -v -e ^ts= -e '$refused'"
holds "keeps its state where nobody else reads it" 0 sh -c '[ "$(stat -c %U:%a /var/lib/sedge)" = sedge:750 ] && [ "$(stat -c %U:%a /var/lib/sedge/sedge.db)" = sedge:600 ]'

echo '# edited' >>/etc/sedge/sedge.toml
holds "reloads" 0 systemctl reload sedged
holds "says so" 10 says 'reload\|configuration'
holds "is active after it" 0 is ActiveState active

before=$(property NRestarts)
systemctl kill --signal=KILL sedged
holds "comes back after kill -9" 20 restarted "$before"
before=$(property NRestarts)
systemctl kill --signal=STOP sedged
holds "is ended by the watchdog when it hangs, and comes back" 90 restarted "$before"

holds "stops" 0 systemctl stop sedged
holds "without a complaint" 0 is Result success
holds "is offline at the broker" 5 hears 'sedge/+/availability' offline

echo 'no such line' >>/etc/sedge/sedge.toml
systemctl start sedged 2>/dev/null
before=$(property NRestarts)
sleep 8
holds "does not try a broken configuration again" 0 sh -c '[ "$(systemctl show sedged --property ExecMainStatus --value)" = 78 ] && [ "$(systemctl show sedged --property NRestarts --value)" = '"$before"' ]'
echo "unit: $held held, $failed failed"
