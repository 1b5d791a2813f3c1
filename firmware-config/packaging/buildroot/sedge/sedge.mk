################################################################################
#
# sedge
#
################################################################################

SEDGE_VERSION = 0.1.0
# The folder with the tarball of cross/package, which knows no compiler for Swift here: set it in local.mk or the
# environment.
SEDGE_SITE = $(call qstrip,$(SEDGE_TARBALLS))
SEDGE_SITE_METHOD = file
SEDGE_SOURCE = sedge-$(SEDGE_VERSION)-$(if $(BR2_aarch64),arm64,amd64).tar.gz
SEDGE_LICENSE = Apache-2.0
SEDGE_LICENSE_FILES = LICENSE
SEDGE_DEPENDENCIES = mosquitto sqlite $(if $(BR2_PACKAGE_OPENBLAS),openblas)

define SEDGE_INSTALL_TARGET_CMDS
	DESTDIR=$(TARGET_DIR) $(@D)/install.sh
endef

# The same user and folder as sysusers.d and tmpfiles.d make.
define SEDGE_USERS
	sedge -1 sedge -1 * /var/lib/sedge - - Sedge agent
endef

define SEDGE_PERMISSIONS
	/var/lib/sedge d 750 sedge sedge - - - - -
	/etc/sedge d 750 root sedge - - - - -
	/etc/sedge/sedge.toml f 640 root sedge - - - - -
endef

$(eval $(generic-package))
