import SedgeCore

/// What stands in the files that a connection needs: passwords, certificates, keys. They may change under the same
/// names, and then the agent connects anew.
struct BrokerFiles: Equatable {
    private var checksums: [String: UInt32] = [:]

    init(_ mqtt: BrokerConfiguration) {
        for path in Self.paths(mqtt) {
            checksums[path] = (try? FileBytes.read(path, limit: 1 << 20)).map { CRC32.checksum($0) }
        }
    }

    static func paths(_ mqtt: BrokerConfiguration) -> [String] {
        [mqtt.connection, mqtt.publish].compactMap(\.self).flatMap { connection in
            [connection.passwordFile, connection.tls?.ca, connection.tls?.cert, connection.tls?.key].compactMap(\.self)
        }
    }
}
