package import Logging
import SedgeCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// How a line of log is written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `ts=… level=info msg="…" key=value` (https://brandur.org/logfmt)
    case logfmt
    case json
}

/// Writes a line an event to standard error, whole lines only.
package struct StructuredLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    private let format: LogFormat
    private let write: @Sendable ([UInt8]) -> Void

    /// `write` gets a line with its end; standard error when none is given.
    package init(format: LogFormat, level: Logger.Level, write: (@Sendable ([UInt8]) -> Void)? = nil) {
        self.format = format
        logLevel = level
        self.write = write ?? Self.writeToStandardError
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields: [(key: String, value: String)] = [
            ("ts", SystemTime.now().iso8601), ("level", "\(event.level)"), ("msg", "\(event.message)"),
        ]
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        fields += all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let line =
            switch format {
            case .logfmt: fields.map { "\($0.key)=\(Self.quote($0.value))" }.joined(separator: " ")
            case .json:
                "{" + fields.map { "\(Self.jsonString($0.key)):\(Self.jsonString($0.value))" }.joined(separator: ",")
                    + "}"
            }
        write(Array((line + "\n").utf8))
    }

    private static func quote(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x22 && $0 != 0x3D }
        return isPlain ? text : jsonString(text)
    }

    private static func jsonString(_ text: String) -> String {
        String(decoding: PayloadJSON.encode(text), as: UTF8.self)
    }

    private static func writeToStandardError(_ line: [UInt8]) {
        line.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = systemWrite(STDERR_FILENO, rest.baseAddress, rest.count)
                if count < 0, errno != EINTR { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[max(0, count)...])
            }
        }
    }
}

/// write(2), which the handler's own property would hide.
private let systemWrite: @Sendable (Int32, UnsafeRawPointer?, Int) -> Int = { write($0, $1, $2) }
