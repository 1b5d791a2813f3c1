/// Where a broker is and how to get in.
package struct BrokerSettings: Sendable, Equatable {
    package var host: String
    package var port: UInt16
    package var username: String?
    package var password: Secret?
    /// Nil: no TLS.
    package var tls: TLSSettings?
    /// Seconds of silence after which a ping is sent; libmosquitto takes nothing below 5.
    package var keepaliveSeconds: Int
    /// From the connect call to CONNACK.
    package var connectTimeout: Duration

    package init(
        host: String, port: UInt16, username: String? = nil, password: Secret? = nil, tls: TLSSettings? = nil,
        keepaliveSeconds: Int = 30, connectTimeout: Duration = .seconds(10)
    ) {
        self.host = host
        self.port = port
        self.username = username
        self.password = password
        self.tls = tls
        self.keepaliveSeconds = keepaliveSeconds
        self.connectTimeout = connectTimeout
    }

    /// `host:port`, as messages name the broker.
    package var label: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Files for TLS, all PEM.
package struct TLSSettings: Sendable, Equatable {
    /// Certificates of the authorities to trust; nil: those of the system.
    package var ca: String?
    /// The client's certificate and key; both or neither.
    package var cert: String?
    package var key: String?

    package init(ca: String? = nil, cert: String? = nil, key: String? = nil) {
        self.ca = ca
        self.cert = cert
        self.key = key
    }
}
