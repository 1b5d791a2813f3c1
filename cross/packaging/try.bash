# shellcheck shell=bash disable=SC2154 # names of cross/package
# Tries packages in a Debian tree made by debootstrap. For cross/package, whose names it uses.

# A tree of a release, made once and kept in the cache. $1: architecture, $2: codename, $3: options of debootstrap
debian_tree() {
    local tree=$cache/trees/$2-$1 partial
    if [ ! -d "$tree" ]; then
        [ "$(id -u)" -eq 0 ] || give_up $no_privileges "found user $(id -un), expected root: a tree to install in needs it"
        need_tools debootstrap
        need_disk "$cache" 1500
        partial=$(begin_folder "$tree")
        PATH="$PATH:/usr/sbin:/sbin" debootstrap --variant=minbase --arch="$1" ${3:+"$3"} "$2" "$partial" "$mirror" >"$work/debootstrap.log" 2>&1 ||
            {
                # Whatever debootstrap has mounted there stays untouched.
                rm -rf --one-file-system "$partial" || true
                give_up $no_network "debootstrap made no tree of $2, expected one: $(tail -n 1 "$work/debootstrap.log")"
            }
        finish_folder "$tree"
    fi
    printf '%s\n' "$tree"
}

# Installs, upgrades, removes and purges natively; for other architectures unpacks, and runs what is in it.
try_package() {
    case "$1" in
    arm64) try_unpacked ;;
    *)
        try_installed
        try_unit
        ;;
    esac
}

# $@: command in the tree `there`
in_tree() {
    unshare --mount --propagation private bash -c '
        set -eu
        tree=$1
        shift
        mount --rbind /proc "$tree/proc" && mount --rbind /dev "$tree/dev"
        touch "$tree/etc/resolv.conf" && mount --bind /etc/resolv.conf "$tree/etc/resolv.conf"
        exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive chroot "$tree" "$@"
    ' - "$there" "$@"
}

# A package of a later version, otherwise the same. $1: package
later() {
    local folder=$work/later-$1
    rm -rf "$folder"
    dpkg-deb -R "$out/$1_${full}_$architecture.deb" "$folder"
    sed -i "s/^Version: .*/Version: $full+later/" "$folder/DEBIAN/control"
    echo "# of a later version" >>"$folder/etc/sedge/sedge.toml"
    dpkg-deb --root-owner-group --build "$folder" "$there/tmp/later.deb" >/dev/null
}

# As in_tree, with its output in a log; what fails is said. $@: command
attempt() { in_tree "$@" >>"$work/apt.log" 2>&1 || give_up 1 "in a tree of $codename, $* failed: $(tail -n 3 "$work/apt.log")"; }

expect() { "${@:2}" || give_up 1 "the package in a tree of $codename: expected $1"; }

# A broker for the tree, which has this machine's network. Sets broker, broker_port.
start_broker() {
    broker_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    mosquitto -p "$broker_port" >"$work/mosquitto.log" 2>&1 &
    broker=$!
    trap 'stop_broker; rm -rf "$work" "$out"/*.partial' EXIT
}

stop_broker() { kill "${broker:-}" 2>/dev/null || true; }

# The agent in the tree, as its user, for some seconds; a command beside it. $1: command
run_agent() {
    in_tree su -s /bin/sh sedge -c "timeout 15 sedged 2>/tmp/sedged.log & sleep 2; $1; wait" >>"$work/apt.log" 2>&1 || true
}

# What the agent in the tree has learned: each stream, its phase, and from how many steps.
learned() {
    in_tree su -s /bin/sh sedge -c 'sedge inspect /var/lib/sedge/sedge.db --json' | python3 -c '
import json, sys
print(*("%s %s %s" % (each["stream"], each["phase"], each["steps"]) for each in json.load(sys.stdin)))'
}

try_installed() {
    local pristine left learned
    need_tools mosquitto
    pristine=$(debian_tree "$architecture" "$codename")
    there=$work/tree
    rm -rf "$there"
    cp -a "$pristine" "$there"
    cp "$out/sedge_${full}_$architecture.deb" "$there/tmp/sedge.deb"
    cp "$out/sedge-tools_${full}_$architecture.deb" "$there/tmp/sedge-tools.deb"
    attempt apt-get -qq update
    attempt apt-get -qq install -y --no-install-recommends systemd-standalone-sysusers systemd-standalone-tmpfiles \
        /tmp/sedge.deb /tmp/sedge-tools.deb
    expect "a valid configuration" in_tree sedged --check >/dev/null
    expect "a toolbox" in_tree sedge --version >/dev/null
    expect "a user sedge" in_tree id -u sedge >/dev/null
    expect "a folder of the agent's own" in_tree test "$(in_tree stat -c %U:%G:%a /var/lib/sedge)" = sedge:sedge:750
    expect "a configuration that others can not read" in_tree test "$(in_tree stat -c %G:%a /etc/sedge/sedge.toml)" = sedge:640

    # The owner's changes, a password, and what the agent learns of a pump.
    sed -i 's/^node = .*/node = "mine"/' "$there/etc/sedge/sedge.toml"
    echo secret >"$there/etc/sedge/mqtt.password"
    start_broker
    sed -i "s/^host = .*/&\nport = $broker_port/" "$there/etc/sedge/sedge.toml"
    printf '\n[[stream]]\ntopic = "plant/{stream}/sensors"\nhop = 1\nchannels = { vibration = "$.vibration" }\n' \
        >>"$there/etc/sedge/sedge.toml"
    run_agent "sedge simulate --streams pump --seconds 300 --speed 60 --no-fault --port $broker_port"
    expect "a database" test -s "$there/var/lib/sedge/sedge.db"
    learned=$(learned)
    expect "something learned of pump-1, found ${learned:-nothing}" [ "${learned#pump-1 ready }" != "$learned" ]
    cp "$there/var/lib/sedge/sedge.db" "$work/before.db"
    later sedge
    attempt dpkg --force-confold -i /tmp/later.deb
    expect "the configuration to survive an upgrade" grep -q 'node = "mine"' "$there/etc/sedge/sedge.toml"
    expect "what was learned to survive an upgrade" cmp -s "$work/before.db" "$there/var/lib/sedge/sedge.db"
    expect "a valid configuration after the upgrade" in_tree sedged --check >/dev/null
    run_agent true
    expect "the upgraded agent to go on with $learned, found $(learned)" [ "$(learned)" = "$learned" ]
    stop_broker

    attempt apt-get -qq remove -y sedge sedge-tools
    expect "no program after its removal" test ! -e "$there/usr/bin/sedged"
    expect "the configuration to survive a removal" test -e "$there/etc/sedge/sedge.toml"
    expect "what was learned to survive a removal" test -s "$there/var/lib/sedge/sedge.db"
    attempt dpkg --purge sedge
    expect "nothing learned after a purge" test ! -e "$there/var/lib/sedge"
    expect "no configuration after a purge" test ! -e "$there/etc/sedge/sedge.toml"
    expect "the owner's password to survive a purge" test -e "$there/etc/sedge/mqtt.password"
    left=$(cd "$there" && find usr etc var/lib -path '*sedge*' ! -path 'etc/sedge*' ! -path 'var/lib/apt/*')
    expect "no other file after a purge, found ${left//$'\n'/ }" test -z "$left"
    say "$codename, $architecture: installed, upgraded, removed, purged; configuration and learned state survived the upgrade"
    rm -rf "$there"
}

# Boots a tree with the package in it, a systemd and a mosquitto, and tries the unit there: cross/packaging/unit.sh.
try_unit() {
    if ! command -v systemd-nspawn >/dev/null; then
        say "not run: the unit under a systemd, since systemd-nspawn is not here (Debian: systemd-container)"
        return
    fi
    there=$work/tree
    cp -a "$cache/trees/$codename-$architecture" "$there"
    cp "$out/sedge_${full}_$architecture.deb" "$there/tmp/sedge.deb"
    cp "$out/sedge-tools_${full}_$architecture.deb" "$there/tmp/sedge-tools.deb"
    attempt apt-get -qq update
    attempt apt-get -qq install -y --no-install-recommends systemd-sysv mosquitto mosquitto-clients /tmp/sedge.deb \
        /tmp/sedge-tools.deb
    install -m 755 "$root/cross/packaging/unit.sh" "$there/usr/local/sbin/try-unit"
    printf '\n[[stream]]\ntopic = "home/{stream}/sensors"\nhop = 1\nchannels = { co2 = "$.co2" }\n' \
        >>"$there/etc/sedge/sedge.toml"
    mkdir -p "$there/etc/systemd/system/graphical.target.wants"
    cat >"$there/etc/systemd/system/try.service" <<'END'
[Unit]
After=multi-user.target

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/try-unit
StandardOutput=file:/var/tmp/try.log
StandardError=inherit
ExecStopPost=/usr/bin/systemctl poweroff
END
    ln -s ../try.service "$there/etc/systemd/system/graphical.target.wants/"
    timeout -k 10 300 systemd-nspawn -q -D "$there" --register=no --keep-unit -b \
        >"$work/boot.log" 2>&1 </dev/null || true
    if [ ! -s "$there/var/tmp/try.log" ]; then
        say "not run: the unit under a systemd, since none could be booted here: $(tail -n 1 "$work/boot.log")"
    else
        cat "$there/var/tmp/try.log"
        expect "all of that of the unit to hold" grep -q '^unit: [0-9]* held, 0 failed$' "$there/var/tmp/try.log"
    fi
    rm -rf "$there"
}

# A tree of another architecture can not configure itself here: the packages are unpacked, and run with the tree's own
# libraries.
try_unpacked() {
    local pristine package needed
    pristine=$(debian_tree "$architecture" "$codename" --foreign)
    there=$work/tree
    rm -rf "$there"
    cp -a "$pristine" "$there"
    for package in sedge sedge-tools; do dpkg-deb -x "$out/${package}_${full}_$architecture.deb" "$there"; done
    # The first stage has unpacked what the base needs; our dependencies come from the sysroot, of the same release.
    needed=$(sysroot_of "$architecture")/usr/lib/$(multiarch_of "$architecture")
    local start=(qemu-aarch64-static -L "$there" -cpu cortex-a53 -E "LD_LIBRARY_PATH=/sysroot")
    mkdir -p "$there/sysroot"
    find "$needed" -maxdepth 1 -name '*.so.*' -exec cp -a {} "$there/sysroot/" \;
    cp -a "$needed"/openblas-pthread/*.so* "$there/sysroot/"
    # Only what the tree itself has not got.
    for package in "$there"/sysroot/*; do
        if [ -e "$there/usr/lib/aarch64-linux-gnu/$(basename "$package")" ]; then rm "$package"; fi
    done
    export SEDGE_BUNDLES=$there/usr/share/sedge/bundles
    expect "a valid configuration" "${start[@]}" "$there/usr/bin/sedged" --check --config "$there/etc/sedge/sedge.toml" >/dev/null
    expect "a toolbox" "${start[@]}" "$there/usr/bin/sedge" --version >/dev/null
    DESTDIR=$work/image "$work/$architecture/sedge-$version-$architecture/install.sh"
    expect "the tarball's agent to run" "${start[@]}" "$work/image/usr/bin/sedged" --check --config "$work/image/etc/sedge/sedge.toml" >/dev/null
    say "$codename, $architecture: unpacked and run under qemu, from the package and from the tarball"
    rm -rf "$there" "$work/image"
}
