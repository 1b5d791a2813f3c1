/// An authority, a server certificate (for `localhost` and 127.0.0.1), and a client certificate, made with `openssl`
/// in a folder of their own; valid for two days.
package final class TestCertificates: Sendable {
    private let folder = TemporaryFolder()

    package var ca: String { folder.file("ca.pem") }
    package var serverCertificate: String { folder.file("server.pem") }
    package var serverKey: String { folder.file("server.key") }
    package var clientCertificate: String { folder.file("client.pem") }
    package var clientKey: String { folder.file("client.key") }

    /// - Parameter serverNames: what the server's certificate is good for, as OpenSSL writes it.
    package init(
        serverNames: String = "DNS:localhost,IP:127.0.0.1", clientName: String = "client"
    ) async throws {
        try await openssl(
            ["req", "-x509", "-days", "2", "-subj", "/CN=Sedge test authority", "-out", ca]
                + newKey(folder.file("ca.key")))
        try await issue("server", name: "broker", extensions: "subjectAltName=\(serverNames)")
        try await issue("client", name: clientName, extensions: "extendedKeyUsage=clientAuth")
    }

    /// One more client's certificate and key.
    package func client(_ name: String) async throws -> (certificate: String, key: String) {
        try await issue(name, name: name, extensions: "extendedKeyUsage=clientAuth")
        return (folder.file("\(name).pem"), folder.file("\(name).key"))
    }

    /// The authority's list of certificates that are good no more.
    package func revocationList(of certificates: [String]) async throws -> String {
        let settings = try folder.write(
            "ca.cnf", "[ca]\ndefault_ca=test\n[test]\ndefault_md=sha256\ndatabase=\(folder.file("index.txt"))\n")
        try folder.write("index.txt", "")
        let authority = ["ca", "-config", settings, "-cert", ca, "-keyfile", folder.file("ca.key")]
        for certificate in certificates { try await openssl(authority + ["-revoke", certificate]) }
        let list = folder.file("revoked.pem")
        try await openssl(authority + ["-gencrl", "-crldays", "2", "-out", list])
        return list
    }

    private func issue(_ file: String, name: String, extensions: String) async throws {
        let request = folder.file("\(file).csr")
        try await openssl(["req", "-subj", "/CN=\(name)", "-out", request] + newKey(folder.file("\(file).key")))
        let settings = try folder.write("\(file).ext", "basicConstraints=critical,CA:FALSE\n\(extensions)\n")
        try await openssl([
            "x509", "-req", "-days", "2", "-in", request, "-CA", ca, "-CAkey", folder.file("ca.key"),
            "-CAcreateserial", "-extfile", settings, "-out", folder.file("\(file).pem"),
        ])
    }

    private func newKey(_ path: String) -> [String] {
        ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]
    }

    private func openssl(_ arguments: [String]) async throws {
        let outcome = try await Launcher.run(.tool("openssl"), arguments)
        guard outcome.status == 0 else {
            throw Launcher.Failure(description: "openssl \(arguments[0]) failed: \(outcome.errors)")
        }
    }
}
