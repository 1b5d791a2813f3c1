package import SedgeCore

/// A channel and where its values stand in a payload.
package struct ChannelPath: Hashable, Sendable {
    package var name: String
    package var path: String

    package init(name: String, path: String) {
        self.name = name
        self.path = path
    }
}

/// What a codec is made for.
///
/// A path is, by format: JSON `$.temp`, `$.data.acc[0]`, `$.samples[*].temp`; CSV a header's name or a column's number
/// from 0; SenML a record's name, with or without its base name; InfluxDB `field` or `measurement.field`; a plain
/// number `$`.
package struct CodecSettings: Hashable, Sendable {
    package var kind: StreamCodec
    /// In the order of the rows' channels.
    package var channels: [ChannelPath]
    /// Where the time stands (JSON and CSV); SenML and InfluxDB bring their own. Nil: arrival time.
    package var time: String?
    package var timeUnit: TimeUnit

    package init(kind: StreamCodec, channels: [ChannelPath], time: String? = nil, timeUnit: TimeUnit = .auto) {
        self.kind = kind
        self.channels = channels
        self.time = time
        self.timeUnit = timeUnit
    }
}

/// Settings that no codec can be made for.
package enum CodecSettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    case noChannels
    case tooManyChannels(found: Int, limit: Int)
    case duplicateChannel(String)
    case badPath(channel: String, path: String, expected: String)
    case badTimePath(String, expected: String)
    case timeNotAllowed(StreamCodec, path: String)
    case outOfMemory

    package var description: String {
        switch self {
        case .noChannels: "No channel is configured, expected at least one."
        case .tooManyChannels(let found, let limit): "\(found) channels are configured, expected at most \(limit)."
        case .duplicateChannel(let name): "Channel \"\(name)\" is configured twice."
        case .badPath(let channel, let path, let expected):
            "Channel \"\(channel)\" has the path \"\(path)\", expected \(expected)."
        case .badTimePath(let path, let expected): "The time has the path \"\(path)\", expected \(expected)."
        case .timeNotAllowed(let kind, let path):
            "The time has the path \"\(path)\", expected none: "
                + (kind == .number ? "a plain number has no time." : "\(kind.rawValue) brings its own time.")
        case .outOfMemory: "There is not enough memory for a codec."
        }
    }
}
