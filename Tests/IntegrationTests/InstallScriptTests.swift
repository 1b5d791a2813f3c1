import TestSupport
import Testing

/// `install.sh` of the tarball, on a small folder of the same layout.
@Suite struct InstallScriptTests {
    private let folder = TemporaryFolder()
    private var image: String { folder.file("image") }

    @Test func whatIsInstalledElsewhereIsFoundAndRemovedAgain() async throws {
        try await shell(
            """
            mkdir -p root/usr/bin root/usr/lib/systemd/system root/usr/lib/sysusers.d root/etc/sedge
            echo '#!/bin/sh' >root/usr/bin/sedged
            cp "$FILES/systemd/sedged.service" root/usr/lib/systemd/system/
            cp "$FILES"/sysusers.d/* root/usr/lib/sysusers.d/
            cp "$FILES/sedge.toml" root/etc/sedge/
            cp "$FILES/packaging/install.sh" .
            """)
        try await shell("./install.sh")
        let unit = String(
            decoding: try TestFile.read("\(image)/usr/lib/systemd/system/sedged.service"), as: UTF8.self)
        #expect(unit.contains("ExecStart=/opt/sedge/bin/sedged "))
        try await shell("test -x image/opt/sedge/bin/sedged && test ! -e image/usr/bin")

        try await shell("echo '# mine' >>image/etc/sedge/sedge.toml && ./install.sh")
        try await shell("tail -n 1 image/etc/sedge/sedge.toml | grep -q mine && test -e image/etc/sedge/sedge.toml.new")

        try await shell("./install.sh --uninstall")
        let left = try await shell("cd image && find . -type f | sort")
        #expect(left == "./etc/sedge/sedge.toml\n./etc/sedge/sedge.toml.new\n")
    }

    @discardableResult
    private func shell(_ script: String) async throws -> String {
        let outcome = try await Launcher.run(
            .tool("sh"), ["-euc", "cd \(folder.path)\n\(script)"],
            environment: [
                "DESTDIR": image, "PREFIX": "/opt/sedge", "FILES": AgentUnderTest.root + "/firmware-config",
            ])
        #expect(outcome.status == 0, "\(script): \(outcome.errors)")
        return outcome.output
    }
}
