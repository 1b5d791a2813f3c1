/// How to reach one broker. The password stands in a file of its own, never here.
package struct BrokerConnection: Codable, Sendable, Equatable {
    package var host = "127.0.0.1"
    package var port = 1883
    package var username: String?
    package var passwordFile: String?
    /// Also the longest time in which a dead connection goes unnoticed, times 1.5.
    package var keepaliveS = 30
    /// Longest wait between two attempts to connect.
    package var reconnectMaxS = 60
    package var tls: TLSConfiguration?

    package init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case host, port, username
        case passwordFile = "password_file"
        case keepaliveS = "keepalive_s"
        case reconnectMaxS = "reconnect_max_s"
        case tls
    }

    static let keys = CodingKeys.allCases.map(\.stringValue)

    package init(from decoder: any Decoder) throws {
        _ = try StrictContainer(decoder, keys: CodingKeys.self)
        try self.init(sharing: decoder)
    }

    /// Reads its own keys from a table that holds others too.
    init(sharing decoder: any Decoder) throws {
        let container = try StrictContainer(unchecked: decoder, keys: CodingKeys.self)
        host = try container.value(.host, default: host)
        guard !host.isEmpty, host.utf8.count <= 253 else {
            throw container.error(.host, found: "\"\(host.prefix(80))\"", expected: "a host name or an address")
        }
        tls = try container.optional(.tls)
        port = try container.value(.port, default: tls == nil ? 1883 : 8883, in: 1...65535)
        username = try container.optional(.username)
        passwordFile = try container.optional(.passwordFile)
        if passwordFile != nil, username == nil {
            throw container.error(.username, found: "nothing", expected: "a user name, since password_file is set")
        }
        keepaliveS = try container.value(.keepaliveS, default: keepaliveS, in: 5...3600, unit: "seconds")
        reconnectMaxS = try container.value(.reconnectMaxS, default: reconnectMaxS, in: 1...3600, unit: "seconds")
    }
}

/// PEM files for TLS. Without a client certificate only the broker proves who it is.
package struct TLSConfiguration: Codable, Sendable, Equatable {
    /// Authorities that may sign the broker's certificate; nil: the system's.
    package var ca: String?
    package var cert: String?
    package var key: String?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case ca, cert, key
    }

    package init(from decoder: any Decoder) throws {
        let container = try StrictContainer(decoder, keys: CodingKeys.self)
        ca = try container.optional(.ca)
        cert = try container.optional(.cert)
        key = try container.optional(.key)
        if (cert == nil) != (key == nil) {
            throw container.error(
                cert == nil ? .cert : .key, found: "nothing", expected: "both cert and key, or neither")
        }
    }
}
