import CMosquitto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// One handle of libmosquitto, for one connection. The only file that touches the library.
///
/// Used by one thread. What the callbacks learn is queued in `signals`, so that nothing is decided inside the
/// library; messages alone go straight to `onMessage`.
final class MosquittoHandle {
    /// What a callback was told.
    enum Signal {
        case connack(UInt8)
        case suback(mid: UInt16, granted: [UInt8])
        case puback(mid: UInt16, reason: UInt8)
    }

    private let handle: OpaquePointer
    private let settings: BrokerSettings
    private let version: MQTTVersion
    private let onMessage: (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Bool) -> Void

    /// What happened, oldest first; the driver takes it after each call that reads.
    var signals: [Signal] = []
    /// The cause that `on_disconnect` gave, and errno then.
    private var disconnectCode: (code: Int32, errno: Int32)?
    /// What OpenSSL said last; it says it to the log only.
    private var tlsComplaint: String?
    private var isReading = false
    /// Whether connect(2) has succeeded.
    private(set) var hasTCP = false
    /// Callbacks for QoS 0 look like acknowledgements; these ids of QoS 0 are still to come.
    private var unsentQoS0: Set<UInt16> = []
    private var sentQoS0: UInt16 = 0

    private static let isLibraryReady: Bool = {
        // OpenSSL's writes to a broker that has gone raise it; the library itself asks for an error instead.
        signal(SIGPIPE, SIG_IGN)
        return mosquitto_lib_init() == Int32(MOSQ_ERR_SUCCESS.rawValue)
    }()

    init(
        clientID: String, version: MQTTVersion, settings: BrokerSettings,
        will: (topic: String, payload: [UInt8])?,
        onMessage: @escaping (UnsafeRawBufferPointer, UnsafeRawBufferPointer, Bool) -> Void
    ) throws(ConnectionLoss) {
        guard Self.isLibraryReady, let handle = mosquitto_new(clientID, true, nil) else {
            throw .settings("libmosquitto does not take the client id \"\(clientID)\"")
        }
        self.handle = handle
        self.settings = settings
        self.version = version
        self.onMessage = onMessage
        mosquitto_user_data_set(handle, Unmanaged.passUnretained(self).toOpaque())
        setCallbacks()
        mosquitto_int_option(
            handle, MOSQ_OPT_PROTOCOL_VERSION, version == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311)
        mosquitto_int_option(handle, MOSQ_OPT_TCP_NODELAY, 1)
        if let username = settings.username {
            mosquitto_username_pw_set(handle, username, settings.password?.reveal())
        }
        if let will {
            let result = mosquitto_will_set(handle, will.topic, Int32(will.payload.count), will.payload, 1, true)
            guard result == Self.success else { throw .settings("the will's topic \"\(will.topic)\" can not be used") }
        }
        try setTLS()
    }

    deinit { mosquitto_destroy(handle) }

    // MARK: Connection

    /// Begins to connect; the rest happens in `read` and `write`. Resolving the name may block.
    func connect(maximumPacketSize: UInt32, ipv4Only: Bool) throws(ConnectionLoss) {
        if version == .v5 {
            // Only the blocking connect takes properties. With an impossible port it keeps them and does no more.
            var properties: OpaquePointer?
            mosquitto_property_add_int32(&properties, Int32(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue), maximumPacketSize)
            mosquitto_connect_bind_v5(handle, settings.host, -1, 60, nil, properties)
            mosquitto_property_free_all(&properties)
        }
        let keepalive = Int32(min(max(settings.keepaliveSeconds, 5), 65535))
        let result = mosquitto_connect_bind_async(
            handle, settings.host, Int32(settings.port), keepalive, ipv4Only ? "0.0.0.0" : nil)
        guard result == Self.success else { throw loss(result, errno: errno) }
    }

    /// The socket to poll, or −1 when the connection is gone.
    var descriptor: Int32 { mosquitto_socket(handle) }
    var wantsWrite: Bool { mosquitto_want_write(handle) }

    /// Reads one packet, or what there is of it. False: nothing is left to read for now.
    func read() throws(ConnectionLoss) -> Bool {
        try checkTCP()
        isReading = true
        defer { isReading = false }
        errno = 0
        let result = mosquitto_loop_read(handle, 1)
        let code = errno
        guard result == Self.success else { throw loss(result, errno: code) }
        try checkOpen()
        return code != EAGAIN
    }

    func write() throws(ConnectionLoss) {
        try checkTCP()
        errno = 0
        let result = mosquitto_loop_write(handle, 1)
        guard result == Self.success else { throw loss(result, errno: errno) }
        try checkOpen()
    }

    /// Pings; to be called about once a second.
    func keepAlive() throws(ConnectionLoss) {
        let result = mosquitto_loop_misc(handle)
        guard result == Self.success else { throw loss(result, errno: errno) }
        try checkOpen()
    }

    func disconnect() { mosquitto_disconnect_v5(handle, 0, nil) }

    /// After CONNACK: stops listening to the library's log, which would cost a formatted line per message.
    func quieten() { mosquitto_log_callback_set(handle, nil) }

    /// Why the socket is closed, when it is.
    var causeOfClosing: ConnectionLoss { loss(disconnectCode?.code ?? 0, errno: disconnectCode?.errno ?? 0) }

    // MARK: Messages

    /// The message id. Throws a phrase when the library refuses.
    func publish(topic: String, payload: [UInt8], qos: Int, retain: Bool) throws(PublishError) -> UInt16 {
        var mid: Int32 = 0
        let result = mosquitto_publish_v5(
            handle, &mid, topic, Int32(payload.count), payload, Int32(qos), retain, nil)
        guard result == Self.success else {
            if result == Int32(MOSQ_ERR_NO_CONN.rawValue) || result == Int32(MOSQ_ERR_CONN_LOST.rawValue) {
                throw .connectionLost
            }
            throw .refused("\(String(cString: mosquitto_strerror(result))) (topic \(topic))")
        }
        let id = UInt16(truncatingIfNeeded: mid)
        if qos == 0, sentQoS0 != id { unsentQoS0.insert(id) }
        return id
    }

    enum PublishError: Error {
        case connectionLost
        case refused(String)
    }

    /// The message id of one SUBSCRIBE for all; nil: a filter is not valid or the connection is gone.
    func subscribe(_ wanted: [MQTTSession.Subscription]) -> UInt16? {
        // The library takes one QoS for all filters of a packet; the session groups them so.
        var mid: Int32 = 0
        let result = withCStrings(wanted.map(\.filter)) {
            mosquitto_subscribe_multiple(handle, &mid, Int32(wanted.count), $0, Int32(wanted[0].qos), 0, nil)
        }
        return result == Self.success ? UInt16(truncatingIfNeeded: mid) : nil
    }

    func unsubscribe(_ filters: [String]) {
        _ = withCStrings(filters) { mosquitto_unsubscribe_multiple(handle, nil, Int32(filters.count), $0, nil) }
    }

    // MARK: Inside

    private static let success = Int32(MOSQ_ERR_SUCCESS.rawValue)

    private func setCallbacks() {
        mosquitto_connect_v5_callback_set(handle) { _, context, code, _, _ in
            MosquittoHandle.from(context).signals.append(.connack(UInt8(truncatingIfNeeded: code)))
        }
        mosquitto_disconnect_v5_callback_set(handle) { _, context, code, _ in
            MosquittoHandle.from(context).disconnectCode = (code, errno)
        }
        mosquitto_subscribe_v5_callback_set(handle) { _, context, mid, count, granted, _ in
            let codes = UnsafeBufferPointer(start: granted, count: Int(count)).map { UInt8(truncatingIfNeeded: $0) }
            MosquittoHandle.from(context).signals.append(
                .suback(mid: UInt16(truncatingIfNeeded: mid), granted: codes))
        }
        mosquitto_publish_v5_callback_set(handle) { _, context, mid, reason, _ in
            MosquittoHandle.from(context).published(
                mid: UInt16(truncatingIfNeeded: mid), reason: UInt8(truncatingIfNeeded: reason))
        }
        mosquitto_message_v5_callback_set(handle) { _, context, message, _ in
            guard let message = message?.pointee, let topic = message.topic else { return }
            MosquittoHandle.from(context).onMessage(
                UnsafeRawBufferPointer(start: topic, count: strlen(topic)),
                UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen)), message.retain)
        }
        mosquitto_log_callback_set(handle) { _, context, level, text in
            guard level == MOSQ_LOG_ERR, let text else { return }
            MosquittoHandle.from(context).complained(String(cString: text))
        }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> MosquittoHandle {
        Unmanaged<MosquittoHandle>.fromOpaque(context!).takeUnretainedValue()
    }

    /// The library calls back for QoS 0 when it has written a message, and for QoS 1 when it has read PUBACK.
    private func published(mid: UInt16, reason: UInt8) {
        if unsentQoS0.remove(mid) != nil { return }
        if isReading {
            signals.append(.puback(mid: mid, reason: reason))
        } else {
            sentQoS0 = mid
        }
    }

    /// Keeps the gist of "OpenSSL Error[0]: error:0A000086:SSL routines::certificate verify failed" and of
    /// "Error: host name verification failed."
    private func complained(_ line: String) {
        // The first says what is wrong, later ones what follows from it.
        guard settings.tls != nil, tlsComplaint == nil, let last = line.split(separator: ":").last else { return }
        let text = last.drop { $0 == " " }
        tlsComplaint = String(text.hasSuffix(".") ? text.dropLast() : text)
    }

    private func setTLS() throws(ConnectionLoss) {
        guard let tls = settings.tls else { return }
        guard (tls.cert == nil) == (tls.key == nil) else {
            throw .settings("tls.cert and tls.key belong together, found only one of them")
        }
        for (name, path) in [("ca", tls.ca), ("cert", tls.cert), ("key", tls.key)] {
            guard let path else { continue }
            try Self.checkReadable(path, name: name)
        }
        if tls.ca == nil { mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1) }
        // Without a callback OpenSSL would ask a terminal for the key's password.
        let result = mosquitto_tls_set(handle, tls.ca, tls.ca == nil ? "/etc/ssl/certs" : nil, tls.cert, tls.key) {
            _, _, _, _ in 0
        }
        guard result == Self.success else {
            throw .settings("the TLS files can not be used: \(String(cString: mosquitto_strerror(result)))")
        }
    }

    private static func checkReadable(_ path: String, name: String) throws(ConnectionLoss) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .settings("tls.\(name) = \(path) can not be read: \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }

    /// Asks the socket for the outcome of connect(2), which the library would not tell apart from a later loss.
    private func checkTCP() throws(ConnectionLoss) {
        guard !hasTCP else { return }
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
        guard code == 0 else { throw .unreachable(Self.text(errno: code)) }
        hasTCP = true
    }

    private func checkOpen() throws(ConnectionLoss) {
        if descriptor < 0 { throw causeOfClosing }
    }

    private func loss(_ result: Int32, errno code: Int32) -> ConnectionLoss {
        let code = disconnectCode.map { $0.errno == 0 ? code : $0.errno } ?? code
        let name = String(cString: mosquitto_strerror(result))
        if let tlsComplaint { return .tls(tlsComplaint) }
        if result >= 0x80, result <= 0xFF { return .disconnected(UInt8(result)) }
        return switch mosq_err_t(rawValue: numericCast(result)) {
        case MOSQ_ERR_EAI, MOSQ_ERR_LOOKUP: .lookup(settings.host)
        case MOSQ_ERR_TLS, MOSQ_ERR_TLS_HANDSHAKE: .tls(name)
        case MOSQ_ERR_INVAL: .settings("libmosquitto does not take these settings")
        case MOSQ_ERR_PROTOCOL, MOSQ_ERR_MALFORMED_PACKET, MOSQ_ERR_MALFORMED_UTF8, MOSQ_ERR_DUPLICATE_PROPERTY,
            MOSQ_ERR_OVERSIZE_PACKET, MOSQ_ERR_TOPIC_ALIAS_INVALID:
            .protocolError(name)
        case MOSQ_ERR_KEEPALIVE: .closed("no answer to a ping")
        case MOSQ_ERR_ERRNO where !hasTCP: .unreachable(Self.text(errno: code))
        case MOSQ_ERR_ERRNO where code == EPROTO && settings.tls != nil: .tls("handshake failed")
        case MOSQ_ERR_ERRNO where code != 0 && code != EAGAIN: .closed(Self.text(errno: code))
        case MOSQ_ERR_SUCCESS, MOSQ_ERR_CONN_LOST, MOSQ_ERR_NO_CONN, MOSQ_ERR_ERRNO: .closed("by the other side")
        default: .closed(name)
        }
    }

    private static func text(errno code: Int32) -> String { String(cString: strerror(code)) }
}

/// Lends the texts as C strings.
private func withCStrings(_ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32) -> Int32 {
    let copies = texts.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies)
}
