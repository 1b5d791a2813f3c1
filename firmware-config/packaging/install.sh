#!/bin/sh
# usage: install.sh [--uninstall]
#
# Installs the folder that this script is in, or removes what it installed. Configuration and learned state are never
# touched: an existing sedge.toml stays, the new one lies beside it as sedge.toml.new.
#
#   DESTDIR=FOLDER   below this folder, for images of a whole system (Buildroot, Yocto); nothing is started or enabled
#   PREFIX=FOLDER    for programs and data (default /usr)
set -eu
# Programs and encoders are read by the agent's user, whatever root's own mask is.
umask 022

here=$(cd "$(dirname "$0")" && pwd)
destination=${DESTDIR:-}
prefix=${PREFIX:-/usr}

if [ -z "$destination" ] && [ "$(id -u)" -ne 0 ]; then
    echo "install.sh: found user $(id -un), expected root, or DESTDIR" >&2
    exit 77
fi

# Paths below the folder "root", without /etc.
files() { (cd "$here/root/usr" && find . -type f | sed 's,^\./,,'); }

# Where one of them goes. Units and users are read from /usr alone.
target_of() {
    case "$1" in
    lib/systemd/* | lib/sysusers.d/* | lib/tmpfiles.d/*) echo "$destination/usr/$1" ;;
    *) echo "$destination$prefix/$1" ;;
    esac
}

if [ "${1:-}" = --uninstall ]; then
    [ -n "$destination" ] || systemctl disable --now sedged.service 2>/dev/null || true
    files | while read -r file; do rm -f "$(target_of "$file")"; done
    echo "removed; /etc/sedge and /var/lib/sedge are as they were"
    exit 0
fi
[ $# -eq 0 ] || { echo "install.sh: found $1, expected --uninstall or nothing" >&2; exit 64; }

files | while read -r file; do
    case "$file" in bin/* | libexec/*) mode=755 ;; *) mode=644 ;; esac
    target=$(target_of "$file")
    mkdir -p "$(dirname "$target")"
    # A program that runs keeps its own copy, so it is replaced and not overwritten.
    install -m "$mode" "$here/root/usr/$file" "$target.new"
    case "$target" in
    */sedged.service) sed "s,/usr/bin/sedged,$prefix/bin/sedged," "$target.new" >"$target" && rm "$target.new" ;;
    *) mv -f "$target.new" "$target" ;;
    esac
done
mkdir -p "$destination/etc/sedge"
if [ -e "$destination/etc/sedge/sedge.toml" ]; then
    cmp -s "$here/root/etc/sedge/sedge.toml" "$destination/etc/sedge/sedge.toml" ||
        install -m 640 "$here/root/etc/sedge/sedge.toml" "$destination/etc/sedge/sedge.toml.new"
else
    install -m 640 "$here/root/etc/sedge/sedge.toml" "$destination/etc/sedge/sedge.toml"
fi
[ -z "$destination" ] || exit 0
if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers sedge.conf
    systemd-tmpfiles --create sedge.conf
    if [ -d /run/systemd/system ]; then systemctl daemon-reload && systemctl try-restart sedged.service; fi
else
    id sedge >/dev/null 2>&1 || useradd --system --home-dir /var/lib/sedge --shell /usr/sbin/nologin sedge
    install -d -m 750 -o sedge -g sedge /var/lib/sedge
    chown root:sedge /etc/sedge /etc/sedge/sedge.toml
    chmod 750 /etc/sedge
fi
echo "installed; edit /etc/sedge/sedge.toml, then: sudo -u sedge sedged --check && systemctl enable --now sedged"
