SUMMARY = "Agent that learns what is normal in sensor streams and publishes over MQTT what is not"
LICENSE = "Apache-2.0"
LIC_FILES_CHKSUM = "file://LICENSE;md5=3b83ef96387f14655fc854ddc3c6bd57"

# Programs that cross/package has made: there is no Swift compiler in the layers. SEDGE_TARBALLS names their folder.
SEDGE_ARCH:aarch64 = "arm64"
SEDGE_ARCH:x86-64 = "amd64"
SRC_URI = "file://${SEDGE_TARBALLS}/sedge-${PV}-${SEDGE_ARCH}.tar.gz"
COMPATIBLE_HOST = "(aarch64|x86_64).*-linux"
S = "${WORKDIR}/sedge-${PV}-${SEDGE_ARCH}"

inherit systemd useradd

# glibc 2.38 or later. OpenBLAS is for the toolbox alone.
DEPENDS = "mosquitto sqlite3 openblas"
RDEPENDS:${PN} = "libmosquitto1 sqlite3 libstdc++"

SYSTEMD_SERVICE:${PN} = "sedged.service"
# Started when the configuration is the owner's.
SYSTEMD_AUTO_ENABLE = "disable"
USERADD_PACKAGES = "${PN}"
USERADD_PARAM:${PN} = "--system --home-dir /var/lib/sedge --shell /usr/sbin/nologin sedge"

do_install() {
    DESTDIR=${D} PREFIX=${prefix} ${S}/install.sh
    install -d -m 750 -o sedge -g sedge ${D}${localstatedir}/lib/sedge
    chgrp sedge ${D}${sysconfdir}/sedge ${D}${sysconfdir}/sedge/sedge.toml
}

PACKAGES =+ "${PN}-tools"
FILES:${PN}-tools = "${bindir}/sedge ${mandir}/man1/sedge.1.gz \
    ${datadir}/bash-completion/completions/sedge ${datadir}/zsh/vendor-completions/_sedge \
    ${datadir}/fish/vendor_completions.d/sedge.fish"
FILES:${PN} += "${systemd_system_unitdir} ${nonarch_libdir}/sysusers.d ${nonarch_libdir}/tmpfiles.d ${datadir}"
CONFFILES:${PN} = "${sysconfdir}/sedge/sedge.toml"
# Stripped and linked already.
INSANE_SKIP:${PN} = "already-stripped ldflags"
INSANE_SKIP:${PN}-tools = "already-stripped ldflags"
