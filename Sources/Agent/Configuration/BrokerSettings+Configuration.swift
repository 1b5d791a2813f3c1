package import Messaging
package import SedgeCore

extension BrokerSettings {
    /// Reads the password from its file; its last line end does not count.
    package init(_ connection: BrokerConnection) throws(FileError) {
        var password: Secret?
        if let path = connection.passwordFile {
            password = Secret(file: try FileBytes.read(path, limit: 65_536))
        }
        self.init(
            host: connection.host, port: UInt16(connection.port), username: connection.username, password: password,
            tls: connection.tls.map { TLSSettings(ca: $0.ca, cert: $0.cert, key: $0.key) },
            keepaliveSeconds: connection.keepaliveS)
    }
}

extension Backoff {
    init(_ connection: BrokerConnection) {
        let maximum = Duration.seconds(connection.reconnectMaxS)
        self.init(minimum: min(.seconds(1), maximum), maximum: maximum)
    }
}
