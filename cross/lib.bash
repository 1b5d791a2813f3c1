# shellcheck shell=bash disable=SC2034,SC2317 # names for those who source this
# Common to the commands of this folder: exit codes, the cache, and apt for machines other than this one.
set -eu -o pipefail
export LC_ALL=C

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${SEDGE_CROSS_CACHE:-${HOME:-/root}/.cache/sedge-cross}
mirror=${SEDGE_CROSS_MIRROR:-http://deb.debian.org/debian}
# Swift comes from here; what it builds for is what current Raspberry Pi OS is based on.
swift_suite=sid
target_suite=trixie

# Exit codes beside 0, and 1 for a build or a test that failed. README.md lists them.
readonly usage_error=64 no_tool=69 no_privileges=77 no_network=10 half_a_download=11 other_release=12 little_disk=13 \
    no_pair=14 no_sdk=15

say() { printf '== %s\n' "$*"; }

# $1: exit code; then what was found and what was expected.
give_up() {
    local status=$1
    shift
    printf '%s: %s\n' "cross/$(basename "$0")" "$*" >&2
    exit "$status"
}

# Prints the head of the calling script, up to the first line that is no comment.
usage() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

# For commands without options: $@ of the caller.
no_arguments() {
    case "${1:-}" in
    "") ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && give_up $usage_error "found $1, expected no argument" ;;
    esac
}

need_tools() {
    local tool
    for tool in "$@"; do
        PATH="$PATH:/usr/sbin:/sbin" command -v "$tool" >/dev/null ||
            give_up $no_tool "$tool is not found; run: scripts/dependencies cross"
    done
}

# $1: folder that is or will be, $2: MB that have to be free there
need_disk() {
    local folder=$1 free
    until [ -d "$folder" ]; do folder=$(dirname "$folder"); done
    free=$(df -Pm "$folder" | awk 'NR == 2 { print $4 }')
    [ "$free" -ge "$2" ] || give_up $little_disk "found $free MB free at $folder, expected $2 MB; SEDGE_CROSS_CACHE moves the cache"
}

megabytes() { du -sm "$1" 2>/dev/null | cut -f 1; }

# What is made here is made beside its place and moved there whole; what a run before this one left half-made goes.
# $1: path to be made; prints where to make it
begin_folder() {
    rm -rf "$1.partial"
    mkdir -p "$1.partial"
    printf '%s\n' "$1.partial"
}

finish_folder() {
    rm -rf "$1"
    mv "$1.partial" "$1"
}

# One command at a time changes the cache; any number may use it. $1: -x or -s
lock_cache() {
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock -n "$1" 9 || { say "waiting for another command that uses $cache" && flock "$1" 9; }
}

# apt with lists, archives and a set of installed packages (none) of its own: nothing of this machine is read or changed.
# Downloads are checked against the signed lists, and go on where a run before was cut off.
# $1: suite, $2: architecture; then the program and its arguments
apt_for() {
    local folder=$cache/apt/$1-$2 program=$3
    mkdir -p "$folder/lists/partial" "$folder/archives/partial" "$folder/none"
    : >"$folder/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main" >"$folder/sources.list"
    cat >"$folder/apt.conf" <<END
Dir::State "$folder";
Dir::State::lists "$folder/lists";
Dir::State::status "$folder/status";
Dir::Cache "$folder";
Dir::Cache::archives "$folder/archives";
Dir::Etc::sourcelist "$folder/sources.list";
Dir::Etc::sourceparts "$folder/none";
Dir::Etc::preferencesparts "$folder/none";
Acquire::ForceHash "SHA256";
APT::Architecture "$2";
APT::Architectures { "$2"; };
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
END
    shift 3
    APT_CONFIG=$folder/apt.conf "$program" -qq "$@"
}

# Fetches lists of packages. $1: suite, $2: architecture
update_lists() {
    apt_for "$1" "$2" apt-get -o APT::Update::Error-Mode=any update ||
        give_up $no_network "found no way to the package lists of $1 at $mirror, expected a network; nothing was changed"
}

# Lines "file bytes sha256" of packages and all that they depend on, into a file. $1: file, $2: suite, $3: architecture;
# then packages
plan() {
    local plan=$1 suite=$2 architecture=$3 none status=0
    # With no archives of its own, apt names those as well that are here already.
    none=$(mktemp -d)
    mkdir "$none/partial"
    shift 3
    apt_for "$suite" "$architecture" apt-get -o "Dir::Cache::archives=$none" --print-uris install "$@" |
        sed -n "s/^'[^']*' \([^ ]*\) \([0-9]*\) SHA256:\(.*\)/\1 \2 \3/p" | sort >"$plan" || status=$?
    rm -rf "$none"
    # Nothing at all would unpack to an empty folder, and pass for a whole one.
    { [ "$status" -eq 0 ] && [ -s "$plan" ]; } ||
        give_up $no_pair "the archive has no set of packages for $architecture in $suite that goes together, expected $*" \
            "and what they depend on; nothing was made"
}

# Downloads what a plan names and checks every file. $1: suite, $2: architecture, $3: file with the plan; then packages
download() {
    local suite=$1 architecture=$2 plan=$3 folder=$cache/apt/$1-$2/archives name sum
    shift 3
    # A file of the right name that is not what the plan says would never be fetched again.
    while read -r name _ sum; do
        if [ -f "$folder/$name" ] && ! echo "$sum  $folder/$name" | sha256sum --status -c; then rm -f "$folder/$name"; fi
    done <"$plan"
    apt_for "$suite" "$architecture" apt-get --download-only install "$@" >/dev/null ||
        give_up $half_a_download "the download from $mirror broke off; what came is kept, and the next run goes on from there"
    while read -r name _ sum; do
        echo "$sum  $folder/$name" | sha256sum --status -c ||
            give_up $half_a_download "$name is not what the signed list says, expected sha256 $sum; run it again"
    done <"$plan"
}

# Unpacks what a plan names, without running anything of it. $1: suite, $2: architecture, $3: plan, $4: folder; then
# options of tar
unpack() {
    local archives=$cache/apt/$1-$2/archives plan=$3 folder=$4 name link
    shift 4
    for link in bin sbin lib lib64; do
        mkdir -p "$folder/usr/$link"
        [ -e "$folder/$link" ] || ln -s "usr/$link" "$folder/$link"
    done
    while read -r name _; do
        dpkg-deb --fsys-tarfile "$archives/$name" | tar -C "$folder" -x --keep-directory-symlink "$@" || {
            need_disk "$folder" 50
            give_up 1 "$name could not be unpacked into $folder, which goes again"
        }
    done <"$plan"
}

# What cross/sdk makes, by target.
host=$cache/host
sdks=$cache/sdks
sdk_of() { printf '%s/sedge-%s.artifactbundle/sdk\n' "$sdks" "$1"; }
sysroot_of() { printf '%s/sysroot\n' "$(sdk_of "$1")"; }
# Debian's architecture to what compilers call it.
triple_of() { case "$1" in arm64) echo aarch64-unknown-linux-gnu ;; amd64) echo x86_64-unknown-linux-gnu ;; esac }
multiarch_of() { case "$1" in arm64) echo aarch64-linux-gnu ;; amd64) echo x86_64-linux-gnu ;; esac }

# The version of Swift that a finished folder holds, empty where there is none. $1: host tree, or folder of an SDK
version_in() { cat "$1/made" 2>/dev/null || true; }
# The name of a sysroot's release. $1: sysroot
release_in() { sed -n 's/^VERSION_CODENAME=//p' "$1/usr/lib/os-release" 2>/dev/null || true; }

# Fails unless the SDK of an architecture is there, and is of the compiler's version and of the release that is built
# for. $1: architecture
need_sdk() {
    local sysroot found
    sysroot=$(sysroot_of "$1")
    { [ -f "$host/made" ] && [ -f "$(sdk_of "$1")/made" ]; } ||
        give_up $no_sdk "found no SDK for $1 in $cache, expected one; run cross/sdk $1"
    found=$(version_in "$(sdk_of "$1")")
    [ "$found" = "$(version_in "$host")" ] ||
        give_up $no_sdk "the SDK for $1 is of Swift $found, expected the compiler's $(version_in "$host"); run cross/sdk $1"
    found=$(release_in "$sysroot")
    [ "$found" = "$target_suite" ] ||
        give_up $other_release "the sysroot $sysroot is of ${found:-no release that it names}, expected $target_suite;" \
            "remove $(dirname "$(sdk_of "$1")") and run cross/sdk again"
}

# Fails unless a program can be run in the host tree.
need_chroot() {
    "${privileges[@]}" true 2>/dev/null ||
        give_up $no_privileges "found neither root nor user namespaces, which entering $host needs; run it as root, or allow" \
            "kernel.unprivileged_userns_clone"
}

# A file system view of its own, as root or as one that looks like it.
privileges=(unshare --mount --propagation private)
[ "$(id -u)" -eq 0 ] || privileges=(unshare --mount --propagation private --map-root-user)

# Folders that git is told to take repositories from, on machines that have a mirror of them.
git_mirrors() {
    git config --get-regexp '^url\..*\.(insteadof|pushinsteadof)$' 2>/dev/null |
        sed -nE 's@^url\.(file://)?(/.*)\.[a-z]*insteadof .*@\2@p' | sort -u || true
}

# Runs a command in the host tree, in the repository's folder. It sees the repository, the cache, and what git and the
# network need at their own paths; the tree itself stays as it is. $@: command
enter() {
    local shown=("$root" "$cache" /proc /dev /tmp /etc/resolv.conf /etc/ssl /etc/gitconfig "${HOME:-/root}/.gitconfig")
    local mirror_folder
    while read -r mirror_folder; do shown+=("$mirror_folder"); done < <(git_mirrors)
    # shellcheck disable=SC2016 # for the inner shell
    "${privileges[@]}" bash -c '
        set -eu
        host=$1 root=$2 count=$3
        shift 3
        for path in "${@:1:count}"; do
            [ -e "$path" ] || continue
            if [ -d "$path" ]; then mkdir -p "$host$path"; else mkdir -p "$(dirname "$host$path")" && touch "$host$path"; fi
            mount --rbind "$path" "$host$path"
        done
        shift "$count"
        export PATH=/usr/libexec/swift/bin:/usr/bin:/usr/sbin HOME='"${HOME:-/root}"' root
        exec chroot "$host" bash -c '\''cd "$root" && exec "$@"'\'' - "$@"' - "$host" "$root" "${#shown[@]}" "${shown[@]}" "$@"
}

# The words that run a program of another architecture, on standard output. $1: architecture, $2: processor
launcher_of() {
    case "$1" in
    arm64) printf 'qemu-aarch64-static -L %s -cpu %s' "$(sysroot_of "$1")" "$2" ;;
    amd64)
        printf '%s/usr/lib64/ld-linux-x86-64.so.2 --library-path %s/usr/lib/x86_64-linux-gnu' \
            "$(sysroot_of "$1")" "$(sysroot_of "$1")"
        ;;
    esac
}

# Runs a program of another architecture. $1: architecture, $2: processor; then the command
run_on() {
    local words
    read -ra words < <(launcher_of "$1" "$2"; echo)
    shift 2
    "${words[@]}" "$@"
}

# Builds for a target with what cross/sdk made. $1: architecture, $2: folder for what is built; then options of
# `swift build`
swift_build() {
    local target=$1 scratch=$2 sysroot
    sysroot=$(sysroot_of "$1")
    shift 2
    enter env PKG_CONFIG_SYSROOT_DIR="$sysroot" \
        PKG_CONFIG_LIBDIR="$sysroot/usr/lib/$(multiarch_of "$target")/pkgconfig:$sysroot/usr/share/pkgconfig" \
        ${CI:+CI=$CI} swift build -c release --swift-sdks-path "$sdks" --swift-sdk "sedge-$target" \
        --scratch-path "$scratch" "$@"
}
